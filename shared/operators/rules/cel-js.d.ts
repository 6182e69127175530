/** The parts of the package that are used here. */
declare module "@marcbachmann/cel-js" {
  type Range = { readonly start: number; readonly end: number };

  export type ASTNode = {
    readonly op: string;
    readonly args: unknown;
    readonly range: Range;
  };

  type Parsed = {
    (variables: Readonly<Record<string, unknown>>): unknown;
    readonly ast: ASTNode;
    check(): { readonly valid: boolean; readonly type?: string; readonly error?: Error };
  };

  export class Environment {
    constructor(options: { readonly limits: Readonly<Record<string, number>> });
    registerVariable(name: string, type: string): this;
    parse(text: string): Parsed;
  }
}
