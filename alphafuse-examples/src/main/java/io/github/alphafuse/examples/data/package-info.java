/** The data that commands and programs run on: folders, and catalogues that are generated. */
@NullMarked
package io.github.alphafuse.examples.data;

import org.jspecify.annotations.NullMarked;
