package io.github.alphafuse.spring.shop;

import io.github.alphafuse.backbones.serve.LiveRecommender;
import io.github.alphafuse.backbones.serve.RecommendationRequest;
import io.github.alphafuse.backbones.serve.Recommendations;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** A shop that recommends: {@code GET /recommend?history=sku-7&history=sku-3&count=10}. */
@SpringBootApplication
@RestController
public class ShopApplication {
  private final LiveRecommender recommender;

  ShopApplication(LiveRecommender recommender) {
    this.recommender = recommender;
  }

  @GetMapping("/recommend")
  Map<String, Object> recommend(
      @RequestParam(defaultValue = "") List<String> history,
      @RequestParam(defaultValue = "10") int count) {
    Recommendations answer = recommender.recommend(RecommendationRequest.of(history).count(count));
    return Map.of(
        "version", answer.version(), "fallback", answer.isFallback(), "items", answer.ids());
  }

  @ExceptionHandler
  @ResponseStatus(HttpStatus.BAD_REQUEST)
  Map<String, String> badRequest(IllegalArgumentException e) {
    return Map.of("error", String.valueOf(e.getMessage()));
  }

  /**
   * Starts the shop.
   *
   * @param args properties, such as {@code --alphafuse.model=model.alphafuse}
   */
  public static void main(String[] args) {
    SpringApplication.run(ShopApplication.class, args);
  }
}
