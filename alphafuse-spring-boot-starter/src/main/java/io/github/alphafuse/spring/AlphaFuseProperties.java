package io.github.alphafuse.spring;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code alphafuse.*}.
 *
 * @param model the file of the saved model; without it there is no recommender
 * @param reload the time between two looks at the file for a new model
 * @param addedItems the file that keeps items added at run time over a restart; without it they are
 *     forgotten
 * @param excludeSeen whether items of the history are left out of answers
 * @param keepText whether the frozen text of the items is kept, for explanations and the search by
 *     text
 */
@ConfigurationProperties("alphafuse")
public record AlphaFuseProperties(
    @Nullable Path model,
    @DefaultValue("10s") Duration reload,
    @Nullable Path addedItems,
    @DefaultValue("true") boolean excludeSeen,
    @DefaultValue("true") boolean keepText) {}
