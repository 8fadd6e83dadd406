"use strict";
// Draws the inputs that the switches ask for. All text is put in as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const WHOLE = 10000;
const PAGE = 20;
const form = document.querySelector(".switches");
const body = document.querySelector(".inputs tbody");
const more = document.getElementById("more");
const all = document.getElementById("all");
let chosen = [];

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const percent = (share, digits = 0) => (100 * share / WHOLE).toFixed(digits) + "\u00a0%";
const signed = (share) => (share < 0 ? "−" : "+") + percent(Math.abs(share));

function state() {
  return Object.fromEntries(new FormData(form));
}

// What is shown: the number of a method, of an attack behind the methods, or nothing for all.
function views() {
  const names = [...data.methods, ...data.attacks];
  const only = state().view;
  return [...names.keys()].filter((view) => !only || view === Number(only));
}

// What is strong, top and how deep a colour is was settled when the page was made.
function drawWords(text, cell, view, target, sides) {
  const shares = cell.shares[view];
  const isSigned = data.signed[view];
  const line = element("p", "words" + (sides && isSigned ? " sided" : ""));
  line.dir = text.direction;
  const special = new Set(text.special);
  const marked = new Set(text.targets[target]);
  const strong = cell.strong[view];
  const top = new Set(strong.slice(0, cell.top[view]));
  const told = (place) =>
    isSigned && sides && shares[place] ? signed(shares[place]) : percent(Math.abs(shares[place]));
  text.words.forEach((word, place) => {
    const size = shares ? Math.abs(shares[place]) : 0;
    const span = element("span", "w", word);
    if (special.has(place)) span.classList.add("sp");
    if (strong.includes(place)) span.classList.add("strong");
    if (top.has(place)) {
      span.classList.add("top");
      span.dataset.share = told(place);
    }
    if (isSigned) span.classList.add(shares && shares[place] < 0 ? "against" : "for");
    if (marked.has(place)) span.classList.add("target");
    if (size) span.style.setProperty("--s", data.depths[size].toFixed(3));
    const pieces = text.pieces[place] ? ` (${text.pieces[place]} tokens)` : "";
    span.title = `${isSigned && size ? signed(shares[place]) : percent(size, 1)} of the attribution${pieces}`;
    line.append(span, " ");
  });
  const spoken = strong.map((place) => `${text.words[place]} ${told(place)}`).join(", ");
  return [line, element("p", "spoken", `Strongest words: ${spoken || "none"}.`)];
}

function drawEdits(edits, direction) {
  const line = element("p", "words");
  line.dir = direction;
  const spoken = [];
  for (const part of edits.parts) {
    if (typeof part === "string") line.append(element("span", "", part), " ");
    else if (part.special) line.append(element("span", "w sp", part.special), " ");
    else {
      line.append(element("del", "", part[0]), " ");
      if (part.length > 1) line.append(element("ins", "", part[1]), " ");
      spoken.push(part.length > 1 ? `${part[0]} exchanged for ${part[1]}` : `${part[0]} dropped`);
    }
  }
  return [line, element("p", "spoken", `Edits: ${spoken.join(", ") || "none"}.`)];
}

function drawLine(cell, view, target, sides) {
  const text = data.texts[cell.text];
  const attack = view - data.methods.length;
  if (attack >= 0) {
    const edits = cell.edits[attack];
    if (!edits) return "";
    const head = element("h3", "", data.attacks[attack], element("span", "", edits.says));
    return element("div", "line", head, ...drawEdits(edits, text.direction));
  }
  const head = element("h3", "", data.methods[view]);
  if (data.targets.length) {
    const on = cell.on[view][target];
    const name = data.targets[target];
    head.append(element("span", "", on === null ? `no token of ${name}` : `${percent(on)} on ${name}`));
  }
  const line = element("div", "line", head);
  if (!cell.shares[view]) {
    line.append(element("p", "soft", "No attribution: all scores are zero, or one is no number."));
  }
  line.append(...drawWords(text, cell, view, target, sides));
  return line;
}

function drawCell(cell, model, shown, target, sides) {
  const says = element("p", "says", element("b", "name", data.models[model] + ":"));
  const predicts = element("span", "", "predicts ", element("strong", "", cell.prediction));
  if (cell.probability !== null) predicts.append(` (${(100 * cell.probability).toFixed(1)}\u00a0%)`);
  says.append(predicts);
  if (cell.right !== null) {
    says.append(element("span", cell.right ? "good" : "bad", cell.right ? "✓ right" : "✗ wrong"));
  }
  if (cell.same !== null) {
    const told = cell.same ? `= same as ${data.reference}` : `≠ not as ${data.reference}`;
    says.append(element("span", cell.same ? "good" : "bad", told));
  }
  return element("td", "", says, ...shown.map((view) => drawLine(cell, view, target, sides)));
}

function drawInput(input) {
  const { target = "0", sides } = state();
  const head = element("th", "", `No. ${input.index}`);
  head.scope = "row";
  if (input.gold !== null) head.append(element("br"), "gold ", element("b", "", input.gold));
  const shown = views();
  const cells = input.cells.map((cell, model) =>
    drawCell(cell, model, shown, Number(target), Boolean(sides)));
  return element("tr", "", head, ...cells);
}

const shownMethods = () => views().filter((view) => view < data.methods.length);

// Half of the sum of the differences: 0 for the same explanation, WHOLE for one of other words.
function change(input) {
  const reference = input.cells[data.models.indexOf(data.reference)];
  let most = 0;
  for (const cell of input.cells) {
    if (cell === reference || cell.text !== reference.text) continue;
    for (const method of shownMethods()) {
      const [one, other] = [reference.shares[method], cell.shares[method]];
      if (!one || !other) continue;
      const differences = one.map((share, word) => Math.abs(Math.abs(share) - Math.abs(other[word])));
      most = Math.max(most, differences.reduce((sum, difference) => sum + difference, 0) / 2);
    }
  }
  return most;
}

const ORDERS = {
  length: (input) => data.texts[input.cells[0].text].words.length,
  probability: (input) => Math.min(...input.cells.map((cell) => cell.probability ?? 1)),
  change: (input) => -change(input),
  target: (input) => {
    const target = Number(state().target ?? 0);
    const last = input.cells[input.cells.length - 1];
    return -Math.max(0, ...shownMethods().map((method) => last.on[method][target] ?? 0));
  },
};

function passes(input, filter, search) {
  const [kind, ...rest] = filter.split(" ");
  const predictions = new Set(input.cells.map((cell) => cell.prediction));
  if (kind === "unlike" && predictions.size === 1) return false;
  if (kind === "alike" && predictions.size > 1) return false;
  if (kind === "wrong" && input.cells[Number(rest[0])].right !== false) return false;
  if (kind === "gold" && input.gold !== rest.join(" ")) return false;
  return !search || data.texts[input.cells[0].text].words.join(" ").toLowerCase().includes(search);
}

function choose() {
  const { filter, search, sort } = state();
  chosen = data.inputs.filter((input) => passes(input, filter, search.trim().toLowerCase()));
  if (sort) {
    const keys = new Map(chosen.map((input) => [input, ORDERS[sort](input)]));
    chosen.sort((one, other) => keys.get(one) - keys.get(other) || one.index - other.index);
  }
}

function show(count) {
  const until = Math.min(count, chosen.length);
  const from = body.children.length;
  body.append(...chosen.slice(from, until).map(drawInput));
  more.hidden = all.hidden = until === chosen.length;
  document.getElementById("count").textContent =
    `${until} of ${chosen.length} inputs shown` +
    (chosen.length < data.inputs.length ? `, of ${data.inputs.length} in all.` : ".");
}

function redraw() {
  choose();
  body.replaceChildren();
  show(PAGE);
}

// The address holds the switches, so that a link shows the same.
function remember() {
  const kept = Object.entries(state()).filter(([, value]) => value);
  history.replaceState(null, "", "#" + new URLSearchParams(kept));
}

function recall() {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const field = form.elements.namedItem(name);
    if (!field) continue;
    if (field.type === "checkbox") field.checked = Boolean(value);
    else field.value = value;
  }
  for (const field of form.querySelectorAll("select")) {
    if (field.selectedIndex < 0) field.selectedIndex = 0;
  }
}

function makeViews() {
  const names = ["all", ...data.methods, ...data.attacks];
  names.forEach((name, place) => {
    const input = element("input");
    Object.assign(input, { type: "radio", name: "view", value: place ? String(place - 1) : "", defaultChecked: !place });
    document.getElementById("show").append(element("label", "", input, name));
  });
}

makeViews();
form.hidden = false;
form.reset();
recall();
window.addEventListener("hashchange", () => { form.reset(); recall(); redraw(); });
form.addEventListener("input", () => { redraw(); remember(); });
form.addEventListener("submit", (event) => event.preventDefault());
more.addEventListener("click", () => {
  const first = body.children.length;
  show(first + PAGE);
  const row = body.children[first];
  if (row) { row.tabIndex = -1; row.focus(); }
});
all.addEventListener("click", () => show(Infinity));
redraw();
