package io.github.alphafuse.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.alphafuse.backbones.serve.LiveRecommender;
import io.github.alphafuse.backbones.serve.SavedModel;
import io.github.alphafuse.spring.shop.ShopApplication;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

class ShopApplicationTest {
  @TempDir private Path folder;

  @Test
  void theShopRecommendsOverHttpAndServesANewModel() throws Exception {
    Path model = folder.resolve("model.alphafuse");
    SmallModel.of(20, 1).save(model);
    try (ConfigurableApplicationContext shop =
        SpringApplication.run(
            ShopApplication.class,
            "--server.port=0",
            "--spring.main.banner-mode=off",
            "--logging.level.root=warn",
            "--management.endpoints.web.exposure.include=health,metrics",
            "--management.endpoint.health.show-details=always",
            "--alphafuse.model=" + model,
            "--alphafuse.reload=1h")) {
      String version = SavedModel.checksum(model);
      HttpResponse<String> answer = get(shop, "/recommend?history=item-1&history=item-2&count=3");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).contains("\"version\":\"" + version + "\"").contains("item-");

      assertThat(get(shop, "/recommend").body()).contains("\"fallback\":true");
      HttpResponse<String> bad = get(shop, "/recommend?history=item-1&count=0");
      assertThat(bad.statusCode()).isEqualTo(400);
      assertThat(bad.body()).contains("count must be at least 1, found 0");

      assertThat(get(shop, "/actuator/health").body())
          .contains("\"alphafuse\"")
          .contains("\"version\":\"" + version + "\"")
          .contains("\"items\":20");
      assertThat(get(shop, "/actuator/metrics").body()).contains("alphafuse.recommend");

      SmallModel.of(30, 2).save(model);
      assertThat(shop.getBean(LiveRecommender.class).reload()).isTrue();
      assertThat(get(shop, "/recommend?history=item-29").body())
          .contains(SavedModel.checksum(model))
          .doesNotContain(version);
    }
  }

  private static HttpResponse<String> get(ConfigurableApplicationContext shop, String path)
      throws IOException, InterruptedException {
    String port = shop.getEnvironment().getRequiredProperty("local.server.port");
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
