import type { DeclaredGuest } from '../config/model.js';
import type { GuestDraft } from '../kinds/guest-kind.js';
import type { Inventory } from '../observe/inventory.js';
import { type DraftInput, draftGuest } from './draft-guest.js';

/**
 * Drafts of guests that are made while other guests are still being read, so that a plan of many guests is ready soon after the last answer.
 * A draft of a guest that exists follows from that guest, its clone source and what surrounds the guests; nothing else is waited for.
 */
export class EarlyDrafts {
  readonly #input: DraftInput;
  readonly #declared: ReadonlyMap<number, DeclaredGuest>;
  readonly #drafts = new Map<number, GuestDraft>();

  constructor(input: DraftInput, concerned: readonly DeclaredGuest[]) {
    this.#input = input;
    this.#declared = new Map(concerned.map((guest) => [guest.vmid, guest]));
  }

  /** Takes note that a guest was read; `soFar` holds the guests read until now, and everything else whole. */
  add(vmid: number, soFar: Inventory): void {
    const declared = this.#declared.get(vmid);
    // What is made anew depends on every guest that rests on it.
    if (declared === undefined || this.#input.policy.allowReplace) return;
    const source = declared.cloneFrom?.vmid;
    if (source !== undefined && soFar.guests[String(source)] === undefined) return;
    try {
      this.#drafts.set(vmid, draftGuest(this.#input, soFar, declared));
    } catch {
      // What cannot be planned is met again, in the order of the plan, when the plan is put together.
    }
  }

  get(vmid: number): GuestDraft | undefined {
    return this.#drafts.get(vmid);
  }
}
