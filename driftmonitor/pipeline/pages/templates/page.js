// With this script, pages say how old they are and their tables can be sorted. Everything else works without it.
"use strict";

const MINUTE = 60e3, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

function say(milliseconds) {
  const [number, word] = milliseconds < HOUR ? [milliseconds / MINUTE, "minute"]
    : milliseconds < 2 * DAY ? [milliseconds / HOUR, "hour"] : [milliseconds / DAY, "day"];
  const whole = Math.floor(number);
  return `${whole} ${word}${whole === 1 ? "" : "s"}`;
}

function showAge() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const age = Date.now() - Date.parse(time.dateTime);
    if (age >= 0) time.after(age < MINUTE ? " (just now)" : ` (${say(age)} ago)`);
  }
}

// What was said keeps its place, so that nothing moves.
function sayInstead(said, words) {
  said.classList.add("gone");
  said.after(Object.assign(document.createElement("span"), { textContent: words }));
}

// A page that is older than its schedule knows nothing: it says so first, and then what it said before.
function sayUnknown() {
  const { checked, staleHours } = document.body.dataset;
  const age = Date.now() - Date.parse(checked);
  if (!(age > staleHours * HOUR)) return;
  const headline = document.querySelector("[data-headline]"), before = document.querySelector("[data-deadline] > span");
  const look = headline.closest("[class*=is-]"), days = Math.floor(age / DAY);
  const words = `Unknown: last checked ${days} day${days === 1 ? "" : "s"} ago`;
  sayInstead(before, `Before that: ${headline.dataset.known ?? headline.textContent}`);
  sayInstead(headline, words);
  look.className = look.className.replace(/\bis-\w+/, "is-overdue");
  look.querySelector("use").setAttribute("href", "#i-overdue");
  document.title = `${words} · ${document.title}`;
}

function valueOf(row, column) {
  const cell = row.cells[column], given = cell.dataset.value ?? cell.textContent.trim();
  return given === "" ? null : isNaN(given) ? given : Number(given);
}

function sort(table, column, up) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [valueOf(row, column), row]);
  rows.sort(([a], [b]) => {
    if (a === null || b === null) return (a === null) - (b === null);
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    return up ? order : -order;
  });
  body.append(...rows.map(([, row]) => row));
}

function makeSortable(table) {
  const headings = [...table.tHead.rows[0].cells];
  table.classList.add("sorts");
  headings.forEach((heading, column) => {
    if (heading.classList.contains("unsorted")) return;
    const button = document.createElement("button");
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const up = heading.getAttribute("aria-sort") !== "ascending";
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", up ? "ascending" : "descending");
      sort(table, column, up);
    });
  });
}

showAge();
sayUnknown();
document.querySelectorAll("table.sortable").forEach(makeSortable);
