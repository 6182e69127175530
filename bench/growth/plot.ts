/** A line of a chart: its points, x from left to right. */
type Line = { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] };
export type Chart = { readonly title: string; readonly unit: string; readonly lines: readonly Line[] };

const WIDTH = 300;
const HEIGHT = 200;
const MARGIN = { left: 46, right: 12, top: 26, bottom: 38 };
const COLUMNS = 3;
const COLOURS = ["#2563eb", "#d97706"];

/** Small charts side by side, both axes logarithmic: a straight line that falls by one decade a decade is linear growth. */
export function plot(charts: readonly Chart[], yLabel: string): string {
  const rows = Math.ceil(charts.length / COLUMNS);
  const body = charts.map((chart, i) => {
    const [x, y] = [(i % COLUMNS) * WIDTH, Math.floor(i / COLUMNS) * HEIGHT];
    return `<g transform="translate(${x},${y})">${drawn(chart)}</g>`;
  });
  const size = `width="${COLUMNS * WIDTH}" height="${rows * HEIGHT + 16}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="10" fill="#333">`,
    `<title>${yLabel}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...body,
    `<text x="8" y="${rows * HEIGHT + 10}">${yLabel}</text>`,
    "</svg>",
    "",
  ].join("\n");
}

function drawn({ title, unit, lines }: Chart): string {
  const all = lines.flatMap(({ points }) => points);
  const xs = scale(
    all.map(([x]) => x),
    MARGIN.left,
    WIDTH - MARGIN.right,
    false,
  );
  const ys = scale(
    all.map(([, y]) => y),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
    true,
  );
  const grid = [
    ...ys.ticks.map((tick) => {
      const y = ys.at(tick).toFixed(1);
      return `<path d="M${MARGIN.left} ${y}H${WIDTH - MARGIN.right}" stroke="#e5e7eb"/><text x="${MARGIN.left - 4}" y="${y}" dy="3" text-anchor="end">${short(tick)}</text>`;
    }),
    ...xs.ticks.map(
      (tick) =>
        `<text x="${xs.at(tick).toFixed(1)}" y="${HEIGHT - MARGIN.bottom + 13}" text-anchor="middle">${short(tick)}</text>`,
    ),
  ];
  const curves = lines.map(({ name, points }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const path = points.map(([x, y]) => `${xs.at(x).toFixed(1)} ${ys.at(y).toFixed(1)}`).join("L");
    const dots = points.map(
      ([x, y]) =>
        `<circle cx="${xs.at(x).toFixed(1)}" cy="${ys.at(y).toFixed(1)}" r="2.5" fill="${colour}"/>`,
    );
    const legend =
      lines.length === 1
        ? ""
        : `<text x="${WIDTH - MARGIN.right}" y="${MARGIN.top + 10 + 12 * i}" text-anchor="end" fill="${colour}">${name}</text>`;
    return `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots.join("")}${legend}`;
  });
  const heading = `<text x="${MARGIN.left}" y="16" font-weight="bold" font-size="12">${title}</text>`;
  const below = `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${unit}</text>`;
  return [heading, ...grid, ...curves, below].join("");
}

/** Logarithmic, from a power of ten to a power of ten where `round`, so that charts can be compared. */
function scale(values: readonly number[], from: number, to: number, round: boolean) {
  const logs = values.map(Math.log10);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const first = round ? Math.floor(low) : low;
  const last = round ? Math.max(Math.ceil(high), first + 1) : high;
  const at = (value: number): number => from + ((Math.log10(value) - first) / (last - first)) * (to - from);
  const ticks: number[] = [];
  for (let power = Math.ceil(first - 1e-9); power <= last + 1e-9; power += 1) ticks.push(10 ** power);
  return { at, ticks };
}

const short = (n: number): string =>
  n >= 1e6 ? `${n / 1e6} M` : n >= 1e3 ? `${n / 1e3} k` : String(+n.toFixed(2));
