"use strict";

// The state of the page is the fragment of its address: #history=ID,ID. Everything else follows.
const byId = (id) => document.getElementById(id);
const titles = new Map();
const moving = !matchMedia("(prefers-reduced-motion: reduce)").matches;
let history_ = [];
let known = new Set();
let recommended = [];
let version = null;
let asked = 0;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") {
      made.addEventListener("click", value);
    } else if (value === true) {
      made.setAttribute(key, "");
    } else if (value !== false && value !== null) {
      made.setAttribute(key, value);
    }
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const named = (id) => titles.get(id) || id;
const query = (pairs) => new URLSearchParams(pairs).toString();
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Asks the server. A full server is asked again, since a page asks for several things at once. */
async function ask(path, body = null) {
  const options = body === null
    ? {}
    : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  for (let attempt = 1; ; attempt++) {
    let response;
    try {
      response = await fetch(path, options);
    } catch (failure) {
      throw new Error("The server does not answer.");
    }
    if (response.status === 503 && attempt < 4) {
      await wait(500 * attempt);
      continue;
    }
    const answer = await response.json();
    if (!response.ok) {
      throw new Error(answer.error);
    }
    for (const item of answer.items instanceof Array ? answer.items : []) {
      if (item.title) {
        titles.set(item.item, item.title);
      }
    }
    return answer;
  }
}

function problem(failure) {
  byId("problem").textContent = failure ? failure.message : "";
  byId("problem").hidden = !failure;
}

function guarded(work) {
  return (...given) => work(...given).then(() => {}, problem);
}

// Products

let searches = 0;

const search = guarded(async () => {
  const mine = ++searches;
  const words = byId("query").value;
  const answer = await ask("/items?" + query({ query: words, count: 50 }));
  if (mine !== searches) {
    return;
  }
  byId("found-note").textContent = words.trim() === ""
    ? "The first products of the catalogue. Choose one to add it to the history."
    : answer.items.length === 0
      ? "Nothing was found."
      : (answer.items.length === 50 ? "The first 50 products." : plural(answer.items.length, "product") + ".");
  byId("found").replaceChildren(...answer.items.map((item) => element("li", {},
    element("button", {
      type: "button",
      onclick: () => change([...history_, item.item]),
      "aria-label": "Add " + named(item.item) + " to the history",
    }, label(item.item), element("span", { class: "add", "aria-hidden": "true" }, "+")))));
});

const plural = (count, word) => count.toLocaleString("en") + " " + word + (count === 1 ? "" : "s");

function label(id) {
  const title = titles.get(id);
  return element("span", { class: "title" }, title || id,
    title ? element("span", { class: "id" }, id) : null);
}

// History

/** What has the focus once the history is shown again, since its buttons are made anew. */
let focusNext = null;

function change(ids, focus = null) {
  const fragment = ids.length ? "#history=" + ids.map(encodeURIComponent).join(",") : "#";
  window.history.pushState(null, "", fragment);
  focusNext = focus;
  read();
}

function read() {
  const match = /^#history=(.+)$/.exec(location.hash);
  try {
    history_ = match ? match[1].split(",").filter((id) => id).map(decodeURIComponent) : [];
  } catch (malformed) {
    history_ = [];
  }
  update();
}

function showHistory() {
  byId("clear").hidden = history_.length === 0;
  byId("history-note").textContent = history_.length === 0
    ? "Empty. Add what a customer has looked at or bought, oldest first."
    : "Oldest first.";
  const tool = (sign, words, place, ids, disabled = false) => element("button", {
    type: "button", title: words, "aria-label": words + ": " + named(history_[place]), disabled,
    "data-tool": sign + place,
    onclick: () => change(ids(), `[data-tool="${sign}${sign === "↑" ? place - 1 : sign === "↓" ? place + 1 : Math.min(place, history_.length - 2)}"]:not(:disabled)`),
  }, sign);
  const moved = (from, to) => {
    const ids = [...history_];
    ids.splice(to, 0, ...ids.splice(from, 1));
    return ids;
  };
  byId("history").replaceChildren(...history_.map((id, place) => element("li", {},
    element("span", { class: "place" }, String(place + 1)),
    element("span", { class: "title" }, label(id),
      known.has(id) ? null : element("span", { class: "unknown" }, " — not known to the model")),
    element("span", { class: "tools" },
      tool("↑", "Move up", place, () => moved(place, place - 1), place === 0),
      tool("↓", "Move down", place, () => moved(place, place + 1), place === history_.length - 1),
      tool("×", "Remove", place, () => history_.filter((any, k) => k !== place))))));
  if (focusNext !== null) {
    (document.querySelector(focusNext) || document.querySelector(".history button:not(:disabled)") || byId("query")).focus();
    focusNext = null;
  }
}

// Recommendations

const update = guarded(async () => {
  const mine = ++asked;
  const history = history_;
  problem(null);
  const found = await Promise.all(chunks(history, 100).map((ids) =>
    ask("/items?" + query(ids.map((id) => ["id", id])))));
  if (mine !== asked) {
    return;
  }
  known = new Set(found.flatMap((answer) => answer.items.map((item) => item.item)));
  showHistory();
  let answer = null;
  try {
    answer = await ask("/recommend", { history, count: 10, explain: true });
  } catch (failure) {
    if (history.some((id) => known.has(id))) {
      throw failure;
    }
  }
  if (mine !== asked) {
    return;
  }
  showRecommended(answer, history);
  await showModel(answer);
  await mark();
});

function chunks(all, size) {
  const parts = [];
  for (let at = 0; at < all.length; at += size) {
    parts.push(all.slice(at, at + size));
  }
  return parts;
}

function showRecommended(answer, history) {
  const items = answer ? answer.items : [];
  recommended = items.map((item) => item.item);
  const note = answer === null
    ? "Add a product to the history to see what follows."
    : answer.fallback !== null
      ? "No product of the history is known, so this is the same for everyone: by " + answer.fallback + "."
      : items.length === 0
        ? "Nothing is left to recommend."
        : answer.unknownItems > 0
          ? plural(answer.unknownItems, "product") + " of the history left out, which the model does not know."
          : "";
  byId("recommended-note").textContent = note;
  byId("legend").hidden = !items.some((item) => item.text !== null);
  const scale = barScale(items);
  byId("recommended").replaceChildren(...items.map((item, k) => {
    const row = element("li", {},
      element("span", { class: "place" }, String(k + 1)),
      element("span", { class: "what" }, label(item.item), why(item, history)),
      score(item, scale),
      element("span", { class: "tools" },
        element("button", {
          type: "button", "aria-expanded": "false",
          "aria-label": "Products similar to " + named(item.item),
          onclick: (event) => similar(event.currentTarget, item.item, row),
        }, "Similar"),
        element("button", {
          type: "button", "aria-label": "Add " + named(item.item) + " to the history",
          onclick: () => change([...history_, item.item], "#recommendations"),
        }, "Add")));
    return row;
  }));
}

/** The products of the history that speak for an item: those with a good part of the largest. */
function why(item, history) {
  if (item.history.length === 0 || history.length < 2) {
    return null;
  }
  const largest = item.history[0].score;
  const speaking = item.history.filter((one) => one.score > 0 && one.score >= largest / 5).slice(0, 3);
  return speaking.length === 0
    ? null
    : element("span", { class: "why" }, "because of ",
      speaking.map((one) => named(one.item) + " (" + signed(one.score) + ")").join(", "));
}

const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);
const plain = (value) => (value < 0 ? "−" : "") + Math.abs(value).toFixed(3);

/** The ends of all bars, so that they can be compared. */
function barScale(items) {
  let low = 0;
  let high = 1e-9;
  for (const item of items) {
    const parts = item.text === null ? [item.score] : [item.text, item.clicks];
    low = Math.min(low, parts.filter((part) => part < 0).reduce((sum, part) => sum + part, 0));
    high = Math.max(high, parts.filter((part) => part > 0).reduce((sum, part) => sum + part, 0));
  }
  return { low, high };
}

function score(item, { low, high }) {
  const bar = element("span", { class: "bar", "aria-hidden": "true" });
  const part = (kind, from, to) => {
    const piece = element("i", { class: kind });
    piece.style.left = 100 * (Math.min(from, to) - low) / (high - low) + "%";
    piece.style.width = 100 * Math.abs(to - from) / (high - low) + "%";
    bar.append(piece);
  };
  let words = "score " + plain(item.score);
  if (item.text === null) {
    part("plain", 0, item.score);
  } else {
    words += ": " + plain(item.text) + " from the text, " + plain(item.clicks) + " from clicks";
    part("text", 0, item.text);
    const start = Math.sign(item.text) === Math.sign(item.clicks) ? item.text : 0;
    part("clicks", start, start + item.clicks);
  }
  return element("span", { class: "score", title: words },
    bar,
    element("span", { class: "number", "aria-hidden": "true" }, plain(item.score)),
    element("span", { class: "unseen" }, words));
}

const similar = guarded(async (button, id, row) => {
  const shown = row.querySelector(".similar");
  if (shown) {
    shown.remove();
    button.setAttribute("aria-expanded", "false");
    return;
  }
  button.setAttribute("aria-expanded", "true");
  const answer = await ask("/similar?" + query({ item: id, count: 5 }));
  row.append(element("div", { class: "similar", role: "status" },
    element("p", {}, "Nearest by the cosine of the trained vectors"),
    element("ul", {}, ...answer.items.map((item) => element("li", {},
      label(item.item), element("span", { class: "number" }, plain(item.score)))))));
});

// Model

async function showModel(answer) {
  if (answer !== null ? answer.version === version : version !== null) {
    return;
  }
  const [model, health] = await Promise.all([ask("/model"), ask("/health")]);
  version = model.version;
  byId("served").textContent = plural(model.items, "product") + ", model version " + model.version;
  const facts = [["Version", model.version], ["Kind", model.kind], ["Items", model.items.toLocaleString("en")]];
  if (model.titles === 0) {
    facts.push(["Titles", "none; start the service with --data DIR to see them"]);
  }
  const made = model.training;
  if (made) {
    facts.push(
      ["Examples", made.examples.toLocaleString("en")],
      ["Epochs", made.epochs],
      ["Best epoch", made.bestEpoch],
      ["Made", made.madeAt]);
    const metrics = Object.entries(made.validation).filter(([name]) => /(HR|NDCG|Recall)@(10|20)$/.test(name));
    if (metrics.length > 0) {
      facts.push(["Validation", ""], ...metrics.map(([name, value]) => [name, value.toFixed(4)]));
    }
  }
  if (health.failedReload) {
    facts.push(["Last failed reload", health.failedReload.time + ": " + health.failedReload.message]);
  }
  byId("facts").replaceChildren(...pairs(facts));
  const settings = [...Object.entries(model.settings), ...(made ? [["ended by", made.stop], ...Object.entries(made.settings)] : []),
    ...(made ? Object.entries(made.validation).map(([name, value]) => ["validation " + name, value]) : [])];
  byId("settings").hidden = settings.length === 0;
  byId("all-settings").replaceChildren(...pairs(settings));
  await drawMap();
}

function pairs(facts) {
  return facts.filter(([, value]) => value !== null).flatMap(([name, value]) =>
    [element("dt", { class: value === "" ? "group" : null }, name), element("dd", {}, String(value))]);
}

// Map

let sample = null;
let marked = { items: [], text: null, trained: [] };
let view = "trained";
let shown = 1; // 0 before training, 1 after, between them while points move

async function drawMap() {
  let answer;
  try {
    do {
      answer = await ask("/map");
      if (answer.pending) {
        byId("map-note").textContent = "The map is being computed …";
        await wait(500);
      }
    } while (answer.pending);
  } catch (failure) {
    byId("map-note").textContent = failure.message;
    return;
  }
  sample = answer;
  byId("map-note").textContent = "";
  byId("views").hidden = sample.text === null;
  byId("map-legend").hidden = false;
  describeMap();
}

const percent = (share) => (100 * share).toFixed(share < 0.1 ? 1 : 0) + " %";

function describeMap() {
  const items = sample.sampled === sample.of
    ? "All " + sample.of.toLocaleString("en") + " items"
    : "A sample of " + sample.sampled.toLocaleString("en") + " of " + sample.of.toLocaleString("en") + " items";
  byId("map-words").textContent = items + ", along the two directions in which the trained vectors vary most. They hold "
    + percent(sample.trainedShare) + " of the variance of the trained vectors"
    + (sample.text === null ? "." : " and " + percent(sample.textShare) + " of that of the text before training. "
      + "Both views use the same directions and the same scale, so what moves was moved by training.")
    + " Items that lie apart here differ; items that lie together may still differ in other directions.";
}

/** Finds where the history and the recommendations lie, which need not be in the sample. */
async function mark() {
  if (sample === null) {
    return;
  }
  const ids = [...new Set([...history_.filter((id) => known.has(id)), ...recommended])];
  const parts = await Promise.all(chunks(ids, 100).map((some) => ask("/map?" + query(some.map((id) => ["item", id])))));
  if (parts.some((part) => part.version !== sample.version)) {
    return;
  }
  marked = {
    items: parts.flatMap((part) => part.items),
    text: sample.text === null ? null : parts.flatMap((part) => part.text),
    trained: parts.flatMap((part) => part.trained),
  };
  nameMap();
  paint();
}

function nameMap() {
  byId("map").setAttribute("aria-label", "Map of " + sample.sampled + " items "
    + (view === "text" ? "before" : "after") + " training, with "
    + history_.length + " of the history and " + recommended.length + " recommended items marked");
}

function positions(of) {
  if (of.text === null) {
    return of.trained;
  }
  return of.trained.map((end, k) => [0, 1].map((axis) => of.text[k][axis] * (1 - shown) + end[axis] * shown));
}

/** The largest coordinate of an axis, the same for both views, so that they can be compared. */
function extent(axis) {
  let largest = 1e-9;
  for (const of of [sample, marked]) {
    for (const all of [of.text || [], of.trained]) {
      for (const position of all) {
        largest = Math.max(largest, Math.abs(position[axis]));
      }
    }
  }
  return largest;
}

let drawn = [];

function paint() {
  const canvas = byId("map");
  if (sample === null || canvas.clientWidth === 0) {
    return;
  }
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const colors = getComputedStyle(document.documentElement);
  const color = (name) => colors.getPropertyValue("--" + name).trim();
  const scale = Math.min((width / 2 - 16) / extent(0), (height / 2 - 16) / extent(1));
  const place = ([x, y]) => [width / 2 + x * scale, height / 2 - y * scale];
  drawn = [];
  pen.fillStyle = color("other");
  positions(sample).forEach((position, k) => {
    const [x, y] = place(position);
    drawn.push({ x, y, item: sample.items[k].item });
    pen.beginPath();
    pen.arc(x, y, 2, 0, 7);
    pen.fill();
  });
  pen.lineWidth = 1.5;
  pen.strokeStyle = color("card");
  const past = new Set(history_);
  positions(marked).forEach((position, k) => {
    const [x, y] = place(position);
    const item = marked.items[k].item;
    drawn.push({ x, y, item });
    pen.fillStyle = color(past.has(item) ? "history" : "recommended");
    pen.beginPath();
    if (past.has(item)) {
      pen.arc(x, y, 6, 0, 7);
    } else {
      pen.moveTo(x, y - 7);
      pen.lineTo(x + 7, y);
      pen.lineTo(x, y + 7);
      pen.lineTo(x - 7, y);
      pen.closePath();
    }
    pen.fill();
    pen.stroke();
  });
}

function move(to) {
  const [from, start] = [shown, performance.now()];
  const step = (now) => {
    const part = moving ? Math.min(1, Math.max(0, (now - start) / 600)) : 1;
    shown = from + (to - from) * part * part * (3 - 2 * part);
    paint();
    if (part < 1) {
      requestAnimationFrame(step);
    }
  };
  requestAnimationFrame(step);
}

function tip(event) {
  const box = byId("map").getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  let nearest = null;
  let least = 144;
  for (const point of drawn) {
    const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (distance <= least) {
      [nearest, least] = [point, distance];
    }
  }
  const shownTip = byId("tip");
  shownTip.hidden = nearest === null;
  if (nearest !== null) {
    shownTip.textContent = named(nearest.item);
    shownTip.style.left = Math.max(0, Math.min(nearest.x + 10, box.width - shownTip.offsetWidth - 4)) + "px";
    shownTip.style.top = Math.max(0, nearest.y - 34) + "px";
  }
}

let typed = 0;
byId("query").addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(search, 150);
});
byId("clear").addEventListener("click", () => change([], "#query"));
byId("map").addEventListener("pointermove", tip);
byId("map").addEventListener("pointerleave", () => { byId("tip").hidden = true; });
for (const choice of document.querySelectorAll("input[name=view]")) {
  choice.addEventListener("change", () => {
    view = choice.value;
    nameMap();
    move(view === "text" ? 0 : 1);
  });
}
window.addEventListener("resize", paint);
window.addEventListener("hashchange", read);
window.addEventListener("popstate", read);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);

search();
read();
