// Follows Evidently's bundle in the shared file: draws the report from the JSON in the page.
(() => {
  const page = JSON.parse(document.getElementById("report-data").textContent);
  for (const graph of Object.values(page.graphs)) {
    const layout = graph.params && graph.params.layout;
    if (layout && layout.template === "shared") layout.template = page.template;
  }
  const report = document.getElementById("report");
  // Screen readers need a name for each button, and a column header only where the table has it.
  const mend = () => {
    for (const button of report.querySelectorAll("button:not([aria-label], [title])")) {
      if (!button.textContent.trim()) button.setAttribute("aria-label", "Switch between light and dark");
    }
    for (const label of report.querySelectorAll("th [role=columnheader]")) label.removeAttribute("role");
    for (const label of report.querySelectorAll("th [aria-sort]")) {
      label.closest("th").setAttribute("aria-sort", label.getAttribute("aria-sort").toLowerCase());
      label.removeAttribute("aria-sort");
    }
  };
  new MutationObserver(mend).observe(report, { subtree: true, childList: true, attributes: true, attributeFilter: ["role", "aria-sort"] });
  window.drawDashboard(page.dashboard, new Map(Object.entries(page.graphs)), "report");
})();
