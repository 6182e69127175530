import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import { ChangeJournal } from "./change-journal.ts";
import { changeStack } from "./change-stack.ts";
import { cleanUp } from "./clean-up.ts";
import type { Stack } from "./cloud-assembly.ts";
import { type DeployedResource, type DeployedStack, nameOf } from "./deployed-stack.ts";
import { checkExports, exportedBy } from "./exports.ts";
import { type KeptNames, PhysicalNames } from "./physical-names.ts";
import { type PreparedStack, prepareStack } from "./prepare-stack.ts";
import type { Services } from "./resource-kind.ts";
import { stackOrder } from "./stack-order.ts";
import { type ResourceUpdate, type StackUpdate, stackUpdate } from "./stack-update.ts";

/** The stacks of a cloud: makes them from their templates, and changes them in place as CloudFormation does. */
export class CloudFormation {
  readonly #services: Services;
  readonly #names: PhysicalNames;
  #stacks: ReadonlyMap<string, DeployedStack> = new Map();
  #stuck: string | undefined;

  constructor(services: Services, names: PhysicalNames = new PhysicalNames()) {
    this.#services = services;
    this.#names = names;
  }

  /** What a later process must know to find the resources again. */
  get names(): KeptNames {
    const inUse = [...this.#stacks.values()].flatMap(({ name, resources }) =>
      [...resources.values()].map(
        ({ logicalId, request }) => [`${name}/${logicalId}`, request.name] as const,
      ),
    );
    return { given: this.#names.given, inUse: new Map(inUse) };
  }

  get resources(): readonly DeployedResource[] {
    return [...this.#stacks.values()].flatMap(({ resources }) => [...resources.values()]);
  }

  /** Of all stacks, by their names in the template. */
  get outputs(): Readonly<Record<string, string>> {
    return Object.assign({}, ...[...this.#stacks.values()].map(({ outputs }) => outputs));
  }

  /**
   * Makes the stacks what their templates say: new ones are created, those that are not among them deleted. First all
   * is made and changed, in the order of references; then, when nothing can fail any more, what is left over is
   * deleted, in the reverse order. Where a step fails all that was done is taken back.
   *
   * To be called again only when it is over.
   * @throws MillraceError LOCAL_RESOURCE_UNSUPPORTED, LOCAL_TEMPLATE_INVALID before anything is changed;
   *   LOCAL_UPDATE_ROLLED_BACK naming logical id and property; LOCAL_ROLLBACK_FAILED, after which nothing can be
   *   updated any more
   */
  async update(stacks: readonly Stack[]): Promise<StackUpdate> {
    if (this.#stuck !== undefined) throw rollbackFailed(this.#stuck);
    const prepared = stackOrder(stacks).map(prepareStack);
    for (const one of prepared) refuseOtherTypes(this.#stacks.get(one.stack.name), one);
    const before = this.#stacks;
    const journal = new ChangeJournal();
    const updates: ResourceUpdate[] = [];
    try {
      this.#stacks = await this.#change(prepared, journal, updates);
    } catch (error) {
      const rolledBack = await this.#rollBack(journal, error);
      throw before.size === 0 ? error : rolledBack;
    }
    return stackUpdate(await cleanUp(before, this.#stacks, updates), this.outputs);
  }

  async #change(
    prepared: readonly PreparedStack[],
    journal: ChangeJournal,
    updates: ResourceUpdate[],
  ): Promise<ReadonlyMap<string, DeployedStack>> {
    const before = this.#stacks;
    const after = new Map<string, DeployedStack>();
    const wanted = new Set(prepared.map(({ stack }) => stack.name));
    // those that are to be deleted do not count as users of an export: they would be deleted first
    const others = (name: string) => {
      const later = [...before.values()].filter((stack) => wanted.has(stack.name) && !after.has(stack.name));
      return [...after.values(), ...later].filter((stack) => stack.name !== name);
    };
    for (const one of prepared) {
      const { name } = one.stack;
      const changed = await changeStack(before.get(name), one, {
        services: this.#services,
        names: this.#names,
        journal,
        imported: (exported) => exportedBy([...after.values(), ...before.values()], exported),
      });
      checkExports(before.get(name), changed.deployed, others(name));
      after.set(name, changed.deployed);
      updates.push(...changed.updates);
    }
    for (const gone of before.values())
      if (!wanted.has(gone.name)) checkExports(gone, undefined, others(gone.name));
    return after;
  }

  async #rollBack(journal: ChangeJournal, error: unknown): Promise<MillraceError> {
    const { kept, failed } = await journal.rollBack();
    const what = messageOf(error);
    if (failed.length > 0) {
      this.#stuck = `${what}; it could not be taken back: ${failed.join("; ")}`;
      return rollbackFailed(this.#stuck);
    }
    const still = kept.length === 0 ? "" : `; by their DeletionPolicy stay ${kept.join(", ")}`;
    const message = `${what}; the templates of before are in force again${still}`;
    return new MillraceError("LOCAL_UPDATE_ROLLED_BACK", message, { next: "refused", cause: error });
  }
}

/** CloudFormation does not turn a resource into one of another type. */
function refuseOtherTypes(before: DeployedStack | undefined, { resources }: PreparedStack): void {
  for (const [logicalId, { Type: type }] of resources) {
    const old = before?.resources.get(logicalId);
    if (old === undefined || old.type === type) continue;
    const message = `${nameOf(old)} cannot become a ${type}: update of resource type is not permitted`;
    throw new MillraceError("LOCAL_TEMPLATE_INVALID", message, { next: "refused" });
  }
}

const rollbackFailed = (message: string): MillraceError =>
  new MillraceError("LOCAL_ROLLBACK_FAILED", message, { next: "halted" });
