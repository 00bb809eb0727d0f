/** A live recommender as a bean of a Spring Boot application, with health and metrics. */
@NullMarked
package io.github.alphafuse.spring;

import org.jspecify.annotations.NullMarked;
