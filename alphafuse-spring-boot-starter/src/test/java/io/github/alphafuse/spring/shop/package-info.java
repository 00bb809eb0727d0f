/** An example application: a shop whose pages ask for recommendations. */
@NullMarked
package io.github.alphafuse.spring.shop;

import org.jspecify.annotations.NullMarked;
