import type { EventSource, SourceStats } from "./event-source.ts";
import { RunControl } from "./run-control.ts";
import { machineWait, type Wait } from "./wait.ts";

/** What names a source. */
export type SourceIdentity = Pick<EventSource, "id" | "name"> & { readonly functionArn: string };

/** A source whose loops run under a RunControl: all sources are switched on, off and ended alike. */
export abstract class ControlledSource implements EventSource {
  readonly id: string;
  readonly name: string;
  readonly functionName: string;
  protected readonly control: RunControl;

  constructor({ id, name, functionArn }: SourceIdentity, wait: Wait = machineWait) {
    this.id = id;
    this.name = name;
    this.functionName = functionArn.split(":")[6] ?? functionArn;
    this.control = new RunControl(wait);
  }

  abstract caughtUp(): boolean;

  stats(): SourceStats {
    return this.control.stats();
  }

  enable(): void {
    this.control.enable();
  }

  disable(): Promise<void> {
    return this.control.disable();
  }

  close(): Promise<void> {
    return this.control.close();
  }
}
