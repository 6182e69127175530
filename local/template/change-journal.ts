import { messageOf } from "../../shared/errors/millrace-error.ts";
import { nameOf, type StackResource } from "./deployed-stack.ts";
import { kindOf } from "./kind-of.ts";

type Step = { readonly resource: StackResource; readonly undo: () => unknown };

/** What an update has done so far, so that it can be taken back. */
export class ChangeJournal {
  readonly #changed: Step[] = [];
  readonly #made: Step[] = [];
  readonly #kept: string[] = [];

  /** Notes how a change of a resource is taken back. To be noted before the change, which may fail half-way. */
  changes(resource: StackResource, undo: () => unknown): void {
    this.#changed.push({ resource, undo });
  }

  /**
   * Notes a new resource. One whose DeletionPolicy is Retain stays where the making is taken back, as on AWS
   * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html).
   */
  made(resource: StackResource): void {
    const keep = () => this.#kept.push(nameOf(resource));
    const undo = resource.deletionPolicy === "Retain" ? keep : () => remove(resource);
    this.#made.push({ resource, undo });
  }

  /** Notes a resource that was made to take another one's place. */
  replaces(resource: StackResource): void {
    this.#made.push({ resource, undo: () => remove(resource) });
  }

  /**
   * Takes all back, whatever fails on the way. What was changed comes first, in the same order again: a policy is what
   * it was before that which needs it. Then what was made goes, the last first.
   * @returns what stays by its DeletionPolicy, and what could not be taken back, with the reason
   */
  async rollBack(): Promise<{ readonly kept: readonly string[]; readonly failed: readonly string[] }> {
    const failed: string[] = [];
    for (const { resource, undo } of [...this.#changed, ...this.#made.toReversed()])
      try {
        await undo();
      } catch (error) {
        failed.push(`${nameOf(resource)}: ${messageOf(error)}`);
      }
    return { kept: this.#kept, failed };
  }
}

/** Deletes a resource. What it returns is waited for. */
export const remove = (resource: StackResource): unknown =>
  kindOf(resource.type).remove?.(resource.request, resource);
