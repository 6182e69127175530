import { createColors } from "picocolors";

export type Colors = ReturnType<typeof createColors>;

/** Where a command speaks: data to stdout, so that it can be piped; everything else to stderr. */
export type Terminal = {
  readonly data: (text: string) => void;
  readonly say: (text: string) => void;
  /** Of stdout and of stderr, by what each is connected to; NO_COLOR switches both off. */
  readonly colors: { readonly out: Colors; readonly err: Colors };
  /** Columns of stderr where it is a terminal that can be drawn upon. */
  readonly columns: () => number | undefined;
  /** Text as it is, to stderr: for redrawing. */
  readonly draw: (text: string) => void;
};

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  // a reader that has seen enough (`| head`) is no fault
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  const colorful = (stream: NodeJS.WriteStream): Colors =>
    createColors(stream.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb");
  return {
    data: (text) => stdout.write(`${text}\n`),
    say: (text) => stderr.write(`${text}\n`),
    colors: { out: colorful(stdout), err: colorful(stderr) },
    columns: () => (stderr.isTTY === true && env["TERM"] !== "dumb" ? stderr.columns : undefined),
    draw: (text) => stderr.write(text),
  };
}
