package io.github.alphafuse.backbones.data;

import com.google.common.collect.ImmutableMap;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text as it is read by people: in one line, and without the marks of HTML. */
final class PlainText {
  /** Elements that descriptions of products have; other words between angle brackets are text. */
  private static final Pattern MARK =
      Pattern.compile(
          "(?is)<!--.*?-->|<(script|style)\\b[^<>]*>.*?</\\1\\s*>|</?(?:a|b|big|blockquote|br|button"
              + "|center|code|dd|del|div|dl|dt|em|figure|font|footer|h[1-6]|header|hr|i|iframe|img"
              + "|ins|li|mark|ol|p|pre|s|section|small|span|strike|strong|sub|sup|table|tbody|td"
              + "|tfoot|th|thead|tr|tt|u|ul|video)(?:\\s[^<>]*)?/?>");

  /** Elements inside a word or sentence, which end neither. */
  private static final Pattern INLINE =
      Pattern.compile("(?is)</?(?:a|b|code|em|font|i|mark|small|span|strong|sub|sup|tt|u)\\b.*");

  private static final Pattern ENTITY =
      Pattern.compile("&(?:#(\\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,6}));");

  private static final ImmutableMap<String, String> NAMED =
      ImmutableMap.<String, String>builder()
          .put("amp", "&")
          .put("lt", "<")
          .put("gt", ">")
          .put("quot", "\"")
          .put("apos", "'")
          .put("nbsp", " ")
          .put("ndash", "\u2013")
          .put("mdash", "\u2014")
          .put("hellip", "\u2026")
          .put("lsquo", "\u2018")
          .put("rsquo", "\u2019")
          .put("ldquo", "\u201C")
          .put("rdquo", "\u201D")
          .put("bull", "\u2022")
          .put("middot", "\u00B7")
          .put("deg", "\u00B0")
          .put("reg", "\u00AE")
          .put("copy", "\u00A9")
          .put("trade", "\u2122")
          .put("euro", "\u20AC")
          .put("pound", "\u00A3")
          .put("times", "\u00D7")
          .put("auml", "\u00E4")
          .put("ouml", "\u00F6")
          .put("uuml", "\u00FC")
          .put("szlig", "\u00DF")
          .put("eacute", "\u00E9")
          .buildOrThrow();

  /** White space, what no one sees, and halves of surrogate pairs, which no file can hold. */
  private static final Pattern SPACE =
      Pattern.compile("[\\s\\p{Z}\\p{Cc}\u00AD\u200B\u2060\uFEFF\\p{Cs}]+");

  private static final String SENTENCE_ENDS = ".!?:;\u2026\u3002\uFF01\uFF1F";

  private PlainText() {}

  /** A text without marks of HTML, whose white space is single spaces. */
  static String of(String text) {
    String plain = text;
    if (plain.indexOf('<') >= 0) {
      plain = MARK.matcher(plain).replaceAll(m -> INLINE.matcher(m.group()).matches() ? "" : " ");
    }
    if (plain.indexOf('&') >= 0) {
      plain = ENTITY.matcher(plain).replaceAll(m -> Matcher.quoteReplacement(character(m)));
    }
    return SPACE.matcher(plain).replaceAll(" ").strip();
  }

  private static String character(MatchResult entity) {
    if (entity.group(3) != null) {
      return NAMED.getOrDefault(entity.group(3).toLowerCase(Locale.ROOT), entity.group());
    }
    int point =
        entity.group(1) != null
            ? Integer.parseInt(entity.group(1))
            : Integer.parseInt(entity.group(2), 16);
    return Character.isValidCodePoint(point) ? Character.toString(point) : entity.group();
  }

  /** Two texts as sentences behind each other. */
  static String join(String first, String second) {
    if (first.isEmpty() || second.isEmpty()) {
      return first + second;
    }
    return first
        + (SENTENCE_ENDS.indexOf(first.charAt(first.length() - 1)) >= 0 ? " " : ". ")
        + second;
  }
}
