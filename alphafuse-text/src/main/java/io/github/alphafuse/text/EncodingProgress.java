package io.github.alphafuse.text;

/**
 * How far an encoder has come.
 *
 * @param done the items whose vector is known, those from the cache and blank ones among them
 * @param total the items in all
 * @param fromCache the items whose vector was taken from the cache
 */
public record EncodingProgress(int done, int total, int fromCache) {}
