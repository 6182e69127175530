import { messageOf } from "../../shared/errors/millrace-error.ts";
import { nameOf, type StackResource } from "./deployed-stack.ts";
import { kindOf } from "./kind-of.ts";

/** What an update has done so far, so that it can be taken back. */
export class ChangeJournal {
  readonly #undo: { readonly what: string; readonly run: () => unknown }[] = [];
  readonly #kept: string[] = [];

  /** Notes how a change is taken back. To be noted before the change, which may fail half-way. */
  changes(what: string, run: () => unknown): void {
    this.#undo.push({ what, run });
  }

  /**
   * Notes a resource that was made. One whose DeletionPolicy is Retain stays where the making is taken back, as on AWS
   * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html).
   */
  made(resource: StackResource): void {
    const what = nameOf(resource);
    this.changes(what, () => {
      if (resource.deletionPolicy !== "Retain") return remove(resource);
      return this.#kept.push(what);
    });
  }

  /**
   * Takes all back, the last change first, whatever fails on the way.
   * @returns what stays by its DeletionPolicy, and what could not be taken back, with the reason
   */
  async rollBack(): Promise<{ readonly kept: readonly string[]; readonly failed: readonly string[] }> {
    const failed: string[] = [];
    for (const { what, run } of this.#undo.toReversed())
      try {
        await run();
      } catch (error) {
        failed.push(`${what}: ${messageOf(error)}`);
      }
    return { kept: this.#kept, failed };
  }
}

/** Deletes a resource. What it returns is waited for. */
export const remove = (resource: StackResource): unknown =>
  kindOf(resource.type).remove?.(resource.request, resource);
