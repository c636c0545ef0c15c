// With this script, the trend answers for one day: by pointer, by touch, by arrow keys, and in a table of two days.
// The range, the rows and the days stand in the page's address. map_code.py writes the days that are read here.
"use strict";

(() => {
const DAY = 864e5;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const trend = document.querySelector(".trend");
if (!trend) return;
const start = Date.parse(trend.dataset.first);

const isoOf = (day) => new Date(start + day * DAY).toISOString().slice(0, 10);
function sayDay(day) {
  const date = new Date(start + day * DAY);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

function readRuns(text) {
  return [...text.matchAll(/([a-z.])(\d*)/g)].flatMap(([, letter, count]) => Array(Number(count || 1)).fill(letter));
}
function readWords(text) {
  return text.split("|").flatMap((each) => {
    const [words, count] = each.split("~");
    return Array(Number(count || 1)).fill(words);
  });
}
function readColumn(item) {
  const { name, distance, test, least, levels, distances } = item.dataset;
  let place = 0;
  const days = readRuns(levels).map((level) => {
    if (level === ".") return null;
    const digits = distances.slice(place, place += 2);
    return { level, distance: digits === ".." ? null : parseInt(digits, 36) };
  });
  return { name, distanceName: distance, test, least: Number(least) * 1000, days, link: item.querySelector("a")?.href };
}
function readSegment(item) {
  return { name: item.dataset.name, said: JSON.parse(item.dataset.said) };
}

const runs = readWords(trend.dataset.days), pages = readRuns(trend.dataset.pages);
const columns = [...trend.querySelectorAll(".names.of-columns li")].map(readColumn);
const segments = [...trend.querySelectorAll(".names.of-segments li")].map(readSegment);

// Rounded down, as the distances are kept, so that none seems to reach a cut-off that it does not.
function sayDistance(thousandths) {
  return thousandths < 100 ? String(thousandths / 1000) : String(Math.floor(thousandths / 10) / 100);
}
const STATES = { s: "stable", n: "not testable", d: "drifted", f: "differs from the reference as usual" };
const OWN = { u: "similar to the reference", v: "differs from the reference", w: "not testable" };
const budgeted = trend.dataset.value === "anomaly score";

function sayLevel(level) {
  return OWN[level] ? `unusual (its own test: ${OWN[level]})` : level === "s" && budgeted ? "similar to the reference" : STATES[level];
}
function sayWhy(column, { level, distance }) {
  if (distance === null) return "";
  const said = `${column.distanceName} ${sayDistance(distance)}`, p = column.test.match(/^p\s<\s(.+)/)?.[1];
  if (!p) return column.test ? `${said} (its test: ${column.test})` : said;
  if ("dfv".includes(level)) return `${said}${column.least ? ` (cut-off ${column.least / 1000})` : ""}, p below ${p}`;
  if (column.least && distance < column.least) return `${said}, below the cut-off ${column.least / 1000}`;
  return `${said}, but p is not below ${p}`;
}
function sayColumn(column, day) {
  const found = column.days[day];
  if (!found) return runs[day] ? `no result (run: ${runs[day]})` : "no run";
  const why = sayWhy(column, found);
  return `${sayLevel(found.level)}${why && `; ${why}`}`;
}
function saySegment(segment, day) {
  return segment.said[day] ?? (runs[day] ? "no cause of a drift day" : "no run");
}
function sayRun(day) {
  const [state, size] = (runs[day] || "no run").split(", ");
  return size ? `${state}, ${trend.dataset.value} ${size}` : state;
}

const range = () => {
  const chosen = trend.querySelector("input[name=range]:checked") ?? null;
  const { start: first, days } = chosen ? chosen.dataset : { start: 0, days: daysInAll };
  return { first: Number(first), days: Number(days), key: chosen?.value ?? "" };
};
const daysInAll = Number(trend.querySelector(".shares svg svg").getAttribute("viewBox").split(" ")[2]);
const last = Math.max(daysInAll, ...[...trend.querySelectorAll("input[name=range]")].map((each) => Number(each.dataset.days))) - 1;
const newest = Math.min(last, runs.length - 1);

// The address: only what is known and within the history counts; anything else is as if it were not there.
const asked = new URLSearchParams(location.search);
function readDay(name) {
  const text = asked.get(name) ?? "";
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? Math.round((Date.parse(text) - start) / DAY) : NaN;
  return day >= 0 && day <= last && isoOf(day) === text ? day : null;
}
let day = readDay("day"), other = readDay("with"), saving;
function save(now = false) {
  clearTimeout(saving);
  if (!now) return void (saving = setTimeout(save, 150, true));  // browsers limit how often an address may change
  const kept = new URLSearchParams(location.search);
  const set = (name, value) => value ? kept.set(name, value) : kept.delete(name);
  set("range", trend.dataset.ranged ? range().key : "");
  set("rows", trend.querySelector("#rows-segments:checked") ? "segments" : "");
  set("day", day === null ? "" : isoOf(day));
  set("with", other === null ? "" : isoOf(other));
  const query = String(kept), address = `${location.pathname}${query && `?${query}`}${location.hash}`;
  try { history.replaceState(history.state, "", address); } catch { /* a file's address cannot be changed */ }
}

const readout = document.createElement("p");
readout.className = "asked";
readout.setAttribute("role", "status");
const HINT = "Point at a day, tap it, or go there with Tab and the arrow keys. Enter or a second tap opens its page.";
readout.textContent = HINT;
trend.querySelector(".plot").after(readout);

// One cell of each map is a link and can have the focus; it goes where the pointer or the arrow keys go.
function makeMap(box, rows, say, open, what) {
  const keys = document.createElement("div"), cell = document.createElement("a");
  keys.className = "keys";
  keys.setAttribute("role", "application");
  keys.setAttribute("aria-label", `Map of ${what}. Arrow keys move by day and ${what.slice(0, -1)}. Enter opens the page.`);
  cell.className = "cell";
  cell.tabIndex = 0;
  keys.append(cell);
  box.append(keys);
  box.querySelectorAll(".lines > *").forEach((line) => line.remove());
  const map = { row: 0, day: day ?? newest, box, cell };

  map.show = () => {
    const { first, days } = range();
    map.day = Math.min(Math.max(map.day, first), first + days - 1);
    cell.style.left = `${100 * (map.day - first) / days}%`;
    cell.style.width = `${100 / days}%`;
    cell.style.top = `${100 * map.row / rows.length}%`;
    cell.style.height = `${100 / rows.length}%`;
    const href = open(rows[map.row], map.day);
    href ? cell.setAttribute("href", href) : cell.removeAttribute("href");
    cell.setAttribute("role", "link");
    cell.setAttribute("aria-label", map.say());
    markDay(map.day);
  };
  map.say = () => `${rows[map.row].name}, ${sayDay(map.day)}: ${say(rows[map.row], map.day)}`;
  map.go = (row, to) => {
    map.row = Math.min(Math.max(row, 0), rows.length - 1);
    map.day = to;
    map.show();
    readout.textContent = `${map.say()}.`;
  };
  const at = (event) => {
    const area = box.getBoundingClientRect(), { first, days } = range();
    const part = (value, size, count) => Math.min(Math.max(Math.floor(count * value / size), 0), count - 1);
    return [part(event.clientY - area.top, area.height, rows.length), first + part(event.clientX - area.left, area.width, days)];
  };
  box.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") map.go(...at(event)); });
  box.addEventListener("click", (event) => {  // a first tap shows the cell, a second one opens it
    const [row, to] = at(event), same = row === map.row && to === map.day && event.target === cell;
    if (!same && event.detail) event.preventDefault();
    if (event.detail) map.go(row, to);
    choose(map.day, true);
  });
  for (const event of ["pointerenter", "focusin"]) box.addEventListener(event, () => trend.classList.add("asking"));
  box.addEventListener("focusin", () => { map.show(); readout.textContent = `${map.say()}.`; });
  box.addEventListener("focusout", () => markDay(null));
  box.addEventListener("pointerleave", () => { if (!box.contains(document.activeElement)) markDay(null); });
  keys.addEventListener("keydown", (event) => {
    const { first, days } = range();
    const to = {
      ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], PageUp: [0, -30], PageDown: [0, 30],
      Home: [0, first - map.day], End: [0, first + days - 1 - map.day],
    }[event.key];
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    map.go(map.row + to[0], map.day + to[1]);
    cell.scrollIntoView({ block: "nearest" });
    choose(map.day);
  });
  return map;
}

const guide = document.createElement("i");
guide.className = "guide";
trend.querySelector(".shares").append(guide);
function markDay(marked) {
  const { first, days } = range(), seen = marked ?? day;
  guide.hidden = seen === null || seen < first || seen >= first + days;
  guide.style.left = `${100 * (seen - first) / days}%`;
  guide.style.width = `${100 / days}%`;
}

const openColumn = (column, to) => {
  if (!column.link) return "";
  const link = new URL(column.link);
  if (!link.hash) link.searchParams.set("day", isoOf(to));
  return link.href;
};
const openRun = (to) => pages[to] === "p" ? new URL(`${isoOf(to)}/index.html`, location.href.split(/[?#]/)[0]).href : "";
const maps = [makeMap(trend.querySelector(".map.of-columns"), columns, sayColumn, openColumn, "columns")];
if (segments.length) {
  maps.push(makeMap(trend.querySelector(".map.of-segments"), segments, saySegment, (_, to) => openRun(to), "segments"));
}

const shares = trend.querySelector(".shares");
const dayAt = (event) => {
  const area = shares.getBoundingClientRect(), { first, days } = range();
  return first + Math.min(Math.max(Math.floor(days * (event.clientX - area.left) / area.width), 0), days - 1);
};
const tellDay = (to) => {
  readout.textContent = to === null ? HINT : `${sayDay(to)}: ${sayRun(to)}${thresholdWords(to)}.`;
};
shares.addEventListener("pointermove", (event) => {
  markDay(dayAt(event));
  tellDay(dayAt(event));
});
shares.addEventListener("pointerleave", () => markDay(null));
shares.addEventListener("click", (event) => choose(dayAt(event)));
const line = trend.querySelector(".plot .label").textContent.match(/threshold [\d.,]+%/);
const thresholdWords = (to) => line && runs[to]?.includes("%") ? ` (${line[0]})` : "";

// Two days beside each other: what each column was on both.
const pair = document.createElement("div");
pair.className = "pair";
const known = [...Array(last + 1).keys()].filter((each) => columns.some((column) => column.days[each])).reverse();
function makeSelect(words, none, pick) {
  const label = document.createElement("label"), select = document.createElement("select"), both = document.createElement("span");
  select.append(new Option(none, ""), ...known.map((each) => new Option(sayDay(each), isoOf(each))));
  select.addEventListener("change", () => { pick(select.value ? Math.round((Date.parse(select.value) - start) / DAY) : null); });
  label.textContent = words;
  label.htmlFor = select.id = `pick-${none.replaceAll(" ", "-")}`;
  both.append(label, " ", select);
  pair.append(both);
  return select;
}
const one = makeSelect("Day", "choose a day", (to) => { choose(to); tellDay(to); });
const two = makeSelect("compare with", "no other day", (to) => { other = to; compare(); save(); });
const open = document.createElement("a"), table = document.createElement("div");
open.textContent = "Open the report";
pair.append(open);
table.className = "compared";
trend.querySelector(".after-map").replaceChildren(pair, table);

function choose(to, now = false) {
  day = to;
  compare();
  markDay(null);
  save(now);
}
function compare() {
  one.value = day === null ? "" : isoOf(day);
  two.value = other === null ? "" : isoOf(other);
  const page = day === null ? "" : openRun(day);
  open.hidden = !page;
  if (page) { open.href = page; open.setAttribute("aria-label", `Open the report of ${sayDay(day)}`); }
  table.replaceChildren(...(day === null || other === null || day === other ? [] : makeTable()));
}
function makeTable() {
  const value = (found) => found?.distance ?? -1;
  const rows = columns.map((column) => [column, column.days[day], column.days[other]])
    .filter(([, a, b]) => a?.level !== b?.level || sayShortly(a) !== sayShortly(b))
    .sort((a, b) => Math.abs(value(b[1]) - value(b[2])) - Math.abs(value(a[1]) - value(a[2])));
  const words = document.createElement("p"), list = document.createElement("table");
  const same = columns.length - rows.length, days = [day, other].map((each) => `${sayDay(each)}: ${sayRun(each)}`);
  words.textContent = `${days.join(". ")}. ${rows.length ? `${rows.length} of ${columns.length} columns of the map differ between both days, most first.`
    : `The ${same === 1 ? "column" : "columns"} of the map had the same results on both days.`}`;
  if (!rows.length) return [words];
  list.className = "periods";
  list.createTHead().insertRow().append(...["Column", sayDay(day), sayDay(other)].map((text) => makeHeading(text, "col")));
  const body = list.createTBody();
  for (const [column, a, b] of rows) {
    const row = body.insertRow();
    row.append(makeHeading(column.name, "row"));
    for (const found of [a, b]) row.insertCell().textContent = sayShortly(found);
  }
  const scroll = document.createElement("div");
  scroll.className = rows.length > 12 ? "scroll tall" : "scroll";
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "group");
  scroll.setAttribute("aria-label", "Columns that differ between both days");
  scroll.append(list);
  return [words, scroll];
}
function makeHeading(text, scope) {
  const heading = document.createElement("th"), isolated = document.createElement("bdi");
  heading.scope = scope;
  isolated.textContent = text;
  heading.append(isolated);
  return heading;
}
function sayShortly(found) {
  if (!found) return "no result";
  const state = { ...STATES, f: "differs as usual", u: "unusual", v: "unusual", w: "unusual" }[found.level];
  const words = found.level === "s" && budgeted ? "similar" : state;
  return found.distance === null ? words : `${words}, ${(Math.floor(found.distance / 10) / 100).toFixed(2)}`;
}

// Begin with what the address asks for; a day outside of the range that is shown widens it.
const ranges = [...trend.querySelectorAll("input[name=range]")];
const wanted = ranges.find((each) => each.value === asked.get("range"));
if (wanted) { wanted.checked = true; trend.dataset.ranged = "yes"; }
if (asked.get("rows") === "segments" && segments.length) trend.querySelector("#rows-segments").checked = true;
if (day !== null && ranges.length && day < range().first) {
  const wide = ranges.find((each) => Number(each.dataset.start) <= day);
  if (wide) { wide.checked = true; trend.dataset.ranged = "yes"; }
}
trend.addEventListener("change", (event) => {
  if (event.target.name === "range") trend.dataset.ranged = "yes";
  if (["range", "rows"].includes(event.target.name)) { maps.forEach((map) => map.show()); markDay(null); save(); }
});
maps.forEach((map) => map.show());
markDay(null);
compare();
tellDay(day);
})();
