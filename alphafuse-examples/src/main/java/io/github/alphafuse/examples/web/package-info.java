/** Recommendations over HTTP, and the page that shows them. */
@NullMarked
package io.github.alphafuse.examples.web;

import org.jspecify.annotations.NullMarked;
