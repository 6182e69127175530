import type { Progress } from "../../local/dev/progress.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { type EpochMs, seconds } from "../../shared/time/time.ts";
import { grouped, watermarkText } from "../numbers.ts";
import type { Terminal } from "../terminal.ts";

const REDRAW_MS = 250;
const LINE_MS = seconds(2);
/** The rate is that of the last seconds, so that it neither jumps nor lags. */
const RATE_OVER_MS = seconds(2);
const BAR = 30;

/** Shows how a job gets on: a block that is drawn over and over on a terminal, a line now and then elsewhere. */
export class LiveView {
  readonly #look: () => Progress;
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #timer: NodeJS.Timeout;
  readonly #seen: { readonly at: EpochMs; readonly folded: number }[] = [];
  #drawn = 0;

  constructor(look: () => Progress, terminal: Terminal, clock: Clock) {
    this.#look = look;
    this.#terminal = terminal;
    this.#clock = clock;
    const every = terminal.columns() === undefined ? LINE_MS : REDRAW_MS;
    this.#timer = setInterval(() => this.#show(), every);
  }

  /** Says something above what is drawn. */
  say(text: string): void {
    if (this.#drawn > 0) this.#terminal.draw(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
    this.#terminal.say(text);
  }

  /** Shows the last state and leaves it there. */
  stop(): void {
    clearInterval(this.#timer);
    this.#show();
  }

  #show(): void {
    const progress = this.#look();
    // the sample is still being read
    if (progress.input === 0) return;
    const rate = this.#rate(progress.folded);
    const columns = this.#terminal.columns();
    if (columns === undefined) this.#terminal.say(lineOf(progress, rate));
    else this.#redraw(this.#block(progress, rate).map((line) => cut(line, columns)));
  }

  #rate(folded: number): number {
    const at = this.#clock.now();
    this.#seen.push({ at, folded });
    while (this.#seen.length > 2 && at - (this.#seen[0]?.at ?? at) > RATE_OVER_MS) this.#seen.shift();
    const [first] = this.#seen;
    if (first === undefined || at === first.at) return 0;
    return ((folded - first.folded) / (at - first.at)) * 1_000;
  }

  #block(progress: Progress, rate: number): string[] {
    const share = progress.input === 0 ? 0 : Math.min(1, progress.folded / progress.input);
    const bar = "█".repeat(Math.round(share * BAR)).padEnd(BAR, "░");
    return [
      `${bar} ${grouped(progress.folded)} of ${grouped(progress.input)} events`,
      ...factsOf(progress, rate).map(([name, value]) => `  ${name.padEnd(16)} ${value}`),
    ];
  }

  #redraw(lines: readonly string[]): void {
    const up = this.#drawn === 0 ? "" : `\u001b[${this.#drawn}A`;
    this.#terminal.draw(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join("")}`);
    this.#drawn = lines.length;
  }
}

function factsOf(progress: Progress, rate: number): (readonly [string, string])[] {
  return [
    ["events/s", grouped(rate)],
    ["behind", grouped(progress.behind)],
    ["watermark", watermarkText(progress.watermark)],
    ["windows closed", grouped(progress.windows)],
    ["open", `${grouped(progress.open)} windows`],
    ["late", grouped(progress.late)],
    ["failed", grouped(progress.failed)],
    ["commits", grouped(progress.commits)],
    ["processes", `${progress.processes}${progress.killed > 0 ? `, ${progress.killed} gone` : ""}`],
  ];
}

const lineOf = (progress: Progress, rate: number): string =>
  [
    `${grouped(progress.folded)} of ${grouped(progress.input)} events`,
    ...factsOf(progress, rate).map(([name, value]) => `${name} ${value}`),
  ].join("  ");

/** A line that wraps would spoil the drawing. */
const cut = (line: string, columns: number): string => line.slice(0, Math.max(1, columns - 1));
