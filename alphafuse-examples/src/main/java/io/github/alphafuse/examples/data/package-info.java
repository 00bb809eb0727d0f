/** The data of commands and programs: folders and generated catalogues. */
@NullMarked
package io.github.alphafuse.examples.data;

import org.jspecify.annotations.NullMarked;
