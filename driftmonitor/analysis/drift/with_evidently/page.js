// Follows Evidently's bundle in the shared file: draws the report from the JSON in the page.
(() => {
  const page = JSON.parse(document.getElementById("report-data").textContent);
  for (const graph of Object.values(page.graphs)) {
    const layout = graph.params && graph.params.layout;
    if (layout && layout.template === "shared") layout.template = page.template;
  }
  window.drawDashboard(page.dashboard, new Map(Object.entries(page.graphs)), "report");
})();
