// With this script, monitors and columns are found by text, state and group. What is asked stands in the page's address.
"use strict";

function startFinder(finder) {
  const list = document.querySelector(finder.dataset.list);
  const items = [...list.querySelectorAll("[data-state]")].map((item) => [item, textOf(item)]);
  const parts = [...list.querySelectorAll("[data-part]")], folds = [...list.querySelectorAll("details[data-fold]")];
  const [field, group] = ["input", "select"].map((name) => finder.querySelector(name));
  const chips = [...finder.querySelectorAll("button")];
  const states = () => chips.filter((chip) => chip.ariaPressed === "true").map((chip) => chip.value);

  function show() {
    const words = field.value.toLowerCase().split(/\s+/), chosen = states(), wanted = group?.value ?? "";
    for (const [item, text] of items) {
      item.hidden = !(words.every((word) => text.includes(word)) && (!chosen.length || chosen.includes(item.dataset.state))
        && (!wanted || item.dataset.group === wanted));
    }
    const isAsked = field.value.trim() !== "" || chosen.length > 0 || wanted !== "";
    for (const part of parts) part.hidden = !part.querySelector("[data-state]:not([hidden])");
    for (const fold of folds) fold.open = isAsked;
    list.classList.toggle("asked-for", isAsked);
    const found = items.filter(([item]) => !item.hidden).length;
    const noun = finder.dataset.noun + (items.length === 1 ? "" : "s");
    finder.querySelector("[role=status]").textContent = isAsked ? `${found} of ${items.length} ${noun}` : `${items.length} ${noun}`;
  }

  function ask(given) {
    field.value = given.get("find") ?? "";
    if (group) group.value = [...group.options].some((option) => option.value === given.get("group")) ? given.get("group") : "";
    const chosen = (given.get("state") ?? "").split(",");
    for (const chip of chips) chip.ariaPressed = String(chosen.includes(chip.value));
    show();
  }

  function keep() {
    const address = new URL(location.href);
    const asked = { find: field.value.trim(), state: states().join(","), group: group?.value ?? "" };
    for (const [name, value] of Object.entries(asked)) {
      if (value) address.searchParams.set(name, value); else address.searchParams.delete(name);
    }
    try { history.replaceState(history.state, "", address); } catch { /* a file's address cannot be changed */ }
    show();
  }

  ask(new URLSearchParams(location.search));
  field.addEventListener("input", keep);
  group?.addEventListener("change", keep);
  for (const chip of chips) {
    chip.addEventListener("click", () => { chip.ariaPressed = String(chip.ariaPressed !== "true"); keep(); });
  }
  finder.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    ask(new URLSearchParams());
    keep();
    field.focus();
  });
}

function textOf(item) {
  const name = item.querySelector("bdi");
  return [name.textContent, name.title, item.dataset.find, item.dataset.group].join(" ").toLowerCase();
}

document.querySelectorAll(".finder").forEach(startFinder);
