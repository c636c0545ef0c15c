// On the page of a column, this script shows the day that is pointed at, chosen by keys or named in the address.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const [LOWEST, LOW, LOWER, MEDIAN, UPPER, HIGH, HIGHEST] = [0, 1, 3, 4, 5, 7, 8];
const BEYOND = 1.5;

function make(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

function number(value, digits = 0) {
  const size = Math.abs(value);
  if (value !== 0 && !(size >= 1e-4 && size < 1e9)) return value.toExponential(2);
  if (size >= 100 && !digits) return Math.round(value).toLocaleString("en-GB");
  return Number(value.toPrecision(digits || (size >= 10 ? 3 : 2))).toLocaleString("en-GB", { maximumSignificantDigits: 17 });
}

function numbersApart(before, after) {
  if (before === after || number(before) !== number(after)) return [number(before), number(after)];
  const digits = Math.floor(Math.log10(Math.max(Math.abs(before), Math.abs(after)))) - Math.floor(Math.log10(Math.abs(after - before))) + 1;
  return [before, after].map((value) => number(value, Math.min(Math.max(digits, 2), 17)));
}

function percent(share) {
  if (share > 0 && share < 0.0005) return "less than 0.1%";
  return `${(share * 100).toFixed(1).replace(/\.0$/, "")}%`;
}

function sayDate(date) {
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).replace("Sept", "Sep");
}

function chooseAxis(sides) {
  const low = Math.min(...sides.map((side) => side[LOW])), high = Math.max(...sides.map((side) => side[HIGH]));
  const room = BEYOND * (high - low);
  const start = Math.max(Math.min(...sides.map((side) => side[LOWEST])), low - room);
  const end = Math.min(Math.max(...sides.map((side) => side[HIGHEST])), high + room);
  return start < end ? [start, end] : [start - Math.abs(start || 1) / 2, end + Math.abs(end || 1) / 2];
}

function drawBoxes(sides) {
  const [low, high] = chooseAxis(sides);
  const place = (value) => 100 * Math.min(Math.max((value - low) / (high - low), 0), 1);
  const groups = sides.map((side, row) => {
    const rects = [[LOWEST, HIGHEST, 7, 1], [LOW, HIGH, 4.5, 6], [LOWER, UPPER, 2, 11]].map(([first, last, y, height]) =>
      make("rect", { x: place(side[first]), y: y + 15 * row, width: place(side[last]) - place(side[first]), height }));
    return make("g", { class: row ? "now" : "before" }, ...rects, make("path", { d: `M${place(side[MEDIAN])} ${15 * row + 1}v13` }));
  });
  const [before, after] = numbersApart(sides[0][MEDIAN], sides[1][MEDIAN]);
  const picture = make("svg", { class: "boxes", viewBox: "0 0 100 30", preserveAspectRatio: "none", role: "img", "aria-label": `Median ${before} → ${after}` }, ...groups);
  const axis = element("p", "", "axis");
  axis.append(...numbersApart(low, high).map((text) => element("span", text)));
  return [picture, axis];
}

function drawBars(shares, levels) {
  const rows = shares.map(([level, before, now]) => [levels[level], before, now]);
  const others = [1, 2].map((side) => Math.max(0, 1 - rows.reduce((sum, row) => sum + row[side], 0)));
  if (Math.max(...others) >= 0.0005) rows.push(["all others", ...others]);
  const top = Math.max(...rows.flatMap((row) => row.slice(1))) || 1;
  const list = element("ul", "", "bars");
  for (const [name, before, now] of rows) {
    const item = document.createElement("li");
    const bar = (side, y, share) => make("rect", { class: side, y, width: 100 * share / top, height: 4.5 });
    item.append(element("bdi", name), " ", element("span", `${percent(before)} → ${percent(now)}`),
      make("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": true }, bar("before", 0, before), bar("now", 5.5, now)));
    list.append(item);
  }
  return [list];
}

function fillTable(table, sides, places) {
  const rows = places.map((place, i) => {
    const row = document.createElement("tr"), name = element("th", place === 0.5 ? "Median" : `${+(place * 100).toPrecision(3)}% quantile`);
    name.scope = "row";
    row.append(name, ...numbersApart(sides[0][i], sides[1][i]).map((text) => element("td", text)));
    return row;
  });
  table.tBodies[0].replaceChildren(...rows);
}

function start(data) {
  const days = data.days, first = Date.parse(data.first), newest = days.length - 1;
  const picks = [...document.querySelectorAll(".pick")], guides = picks.map((pick) => pick.appendChild(element("i", "", "guide")));
  let panel = document.querySelector(".panel.day"), chosen = newest, pinned = newest;
  const original = panel?.cloneNode(true), distanceName = document.querySelector("[data-distance]").dataset.distance;
  const dateOf = (i) => new Date(first + days[i][0] * 864e5), iso = (i) => dateOf(i).toISOString().slice(0, 10);
  const say = (i) => {
    const [, state, distance] = days[i], words = state.replace("_", " ");
    return `${words[0].toUpperCase()}${words.slice(1)}${distance === null ? "" : `, ${distanceName} ${distance.toFixed(2)}`}`;
  };
  const shownBox = (pick) => {
    const svg = [...pick.children].find((each) => each.matches("svg") && getComputedStyle(each).display !== "none");
    const [from, , length] = (svg.matches("[viewBox]") ? svg : svg.querySelector("[viewBox]")).getAttribute("viewBox").split(" ").map(Number);
    return { from, length, box: pick.getBoundingClientRect() };
  };

  function showPanel(i) {
    const fresh = original.cloneNode(true);
    panel.replaceWith(fresh);
    panel = fresh;
    if (i === newest) return;
    const [, , , hasReport, ...known] = days[i], figure = panel.querySelector(".one-day"), table = panel.querySelector(".figures");
    panel.querySelector(".chosen").textContent = sayDate(dateOf(i));
    panel.querySelector(".said").textContent = say(i);
    const report = panel.querySelector(".links");
    if (report && hasReport) {
      report.firstElementChild.href = `../../${iso(i)}/index.html`;
      report.firstElementChild.textContent = `Open the report of ${sayDate(dateOf(i))}`;
    } else report?.remove();
    const sides = known.length === 2 ? [data.references[known[0]], known[1]] : null;
    if (figure) figure.replaceChildren(...(sides ? drawBoxes(sides) : known.length ? drawBars(known[0], data.levels) : [element("p", "The values of this day are not known.", "aside")]));
    if (!known.length) panel.querySelector(".legend")?.remove();
    if (sides && table) fillTable(table, sides, data.places);
    else table?.closest(".scroll").remove();
  }

  function choose(i, pin = false) {
    if (pin) pinned = i;
    picks.forEach((pick, p) => {
      const { from, length, box } = shownBox(pick), x = (days[i][0] + 0.5 - from) / length;
      guides[p].hidden = x < 0 || x > 1 || (i === newest && pinned === newest);
      guides[p].style.left = `${x * box.width}px`;
    });
    slider.setAttribute("aria-valuenow", i);
    slider.setAttribute("aria-valuetext", `${sayDate(dateOf(i))}: ${say(i)}`);
    if (i !== chosen && panel) showPanel(i);
    chosen = i;
    if (pin) remember("day", i === newest ? "" : iso(i));
  }

  function remember(name, value) {
    const address = new URL(location.href);
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
    history.replaceState(null, "", address);
  }

  function nearest(place) {
    let best = 0;
    days.forEach(([x], i) => { if (Math.abs(x - place) < Math.abs(days[best][0] - place)) best = i; });
    return best;
  }

  const slider = picks[0];
  for (const [name, value] of Object.entries({ tabindex: 0, role: "slider", "aria-label": "Day", "aria-valuemin": 0, "aria-valuemax": newest })) slider.setAttribute(name, value);
  slider.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: chosen - 1, ArrowDown: chosen - 1, ArrowRight: chosen + 1, ArrowUp: chosen + 1, PageDown: chosen - 7, PageUp: chosen + 7, Home: 0, End: newest };
    if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    choose(Math.min(Math.max(steps[event.key], 0), newest), true);
  });
  for (const pick of picks) {
    const at = (event) => {
      const { from, length, box } = shownBox(pick);
      return nearest(Math.floor(from + length * (event.clientX - box.left) / box.width));
    };
    pick.addEventListener("pointermove", (event) => choose(at(event)));
    pick.addEventListener("pointerleave", () => choose(pinned));
    pick.addEventListener("click", (event) => choose(at(event), true));
  }
  const ranges = [...document.querySelectorAll("input[name=range]")], asked = new URLSearchParams(location.search);
  for (const range of ranges) {
    range.checked = range.id === `range-${asked.get("range")}` || range.checked;
    range.addEventListener("change", () => { remember("range", range.id.slice(6)); choose(pinned); });
  }
  const named = days.findIndex((_, i) => iso(i) === asked.get("day"));
  if (named >= 0) {
    if (shownBox(slider).from > days[named][0]) ranges.at(-1)?.click();
    choose(named, true);
  } else choose(newest);
  addEventListener("resize", () => choose(chosen));
}

const days = document.getElementById("column-days");
if (days) {
  const data = JSON.parse(days.textContent);
  if (data.days.length) start(data);
}
