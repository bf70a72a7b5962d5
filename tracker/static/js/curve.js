// The year against the plan on a canvas. Without this file, or without the library, the table says the same.

const place = document.querySelector("[data-curve]");
const values = document.querySelector("[data-curve-values]");
const table = document.querySelector("[data-curve-table]");
const views = document.querySelector("[data-curve-switch]");

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;

// A short stroke, for lines without marks.
const RULE = "path://M0 4h24v1.4H0z";

function lookOf(kind) {
  const looks = {
    actual: { color: token("--green"), width: 2.5, type: "solid", symbol: "circle" },
    forecast: { color: token("--green"), width: 2, type: "dotted", symbol: "emptyCircle" },
    expected: { color: "#5C6470", width: 1.25, type: "dashed", symbol: "none" },
    "last-year": { color: "#B5AFA0", width: 1.25, type: "solid", symbol: "none" },
  };
  return looks[kind];
}

function labelled(value, text, position) {
  const label = { show: true, formatter: text, position, distance: 8, color: token("--ink"), fontSize: 13, fontWeight: 600 };
  return { value, label };
}

function seriesOf(line, target, months) {
  const look = lookOf(line.kind);
  const series = {
    name: line.name,
    type: "line",
    data: line.values.map((value) => (value === null ? null : Number(value))),
    connectNulls: line.kind === "forecast",
    symbol: look.symbol,
    symbolSize: 6,
    lineStyle: { color: look.color, width: look.width, type: look.type },
    itemStyle: { color: look.color },
  };
  const last = line.values.findLastIndex((value) => value !== null);
  if (line.kind === "actual" && last >= 0) {
    series.data[last] = labelled(series.data[last], `${months[last]} ${line.values[last]}%`, "top");
  }
  if (line.kind === "forecast" && last >= 0) {
    series.data[last] = labelled(series.data[last], `${line.values[last]}%`, "right");
  }
  if (line.kind === "actual") {
    series.markLine = {
      silent: true,
      symbol: "none",
      animation: false,
      label: { formatter: target, position: "insideStartTop", color: token("--ink") },
      lineStyle: { color: token("--ink"), width: 1.5, type: "solid" },
      data: [{ yAxis: 100 }],
    };
  }
  return series;
}

function optionOf(chart) {
  const text = { color: token("--ink-3"), fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily };
  return {
    animation: !isStill,
    textStyle: text,
    grid: { left: 48, right: 64, top: 28, bottom: 56 },
    legend: {
      bottom: 0,
      textStyle: text,
      itemWidth: 24,
      data: chart.lines.map((line) => (lookOf(line.kind).symbol === "none" ? { name: line.name, icon: RULE } : { name: line.name })),
    },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      valueFormatter: (value) => (typeof value === "number" ? `${value.toFixed(1)}%` : "—"),
    },
    xAxis: { type: "category", data: chart.months, boundaryGap: false, axisLabel: text, axisLine: { lineStyle: { color: "#CFC9BC" } } },
    yAxis: { type: "value", axisLabel: { ...text, formatter: "{value}%" }, splitLine: { lineStyle: { color: "#E4E0D7" } } },
    series: chart.lines.map((line) => seriesOf(line, chart.target, chart.months)),
  };
}

function show(view) {
  place.hidden = view !== "chart";
  table.hidden = view !== "table";
  for (const button of views.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === view));
  }
}

if (place && values && table && views && window.echarts) {
  views.hidden = false;
  show("chart");
  const drawn = window.echarts.init(place, null, { renderer: "canvas" });
  drawn.setOption(optionOf(JSON.parse(values.textContent)));
  new ResizeObserver(() => {
    if (!place.hidden) drawn.resize();
  }).observe(place);
  views.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-show]") : null;
    if (button) show(button.dataset.show);
  });
}
