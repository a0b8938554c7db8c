import type { ErasureReceipt } from "../../functions/core/contracts/erasure-receipt.ts";
import { isNothing } from "../../functions/core/domain/erasure.ts";

const minute = (time: string): string => time.slice(0, 16).replace("T", " ");

/** What a receipt that holds says, in a few lines. */
export function formatReceipt(receipt: ErasureReceipt): string {
  const stores = Object.entries(receipt.stores);
  const touched = stores.filter(([, { before, removed }]) => !isNothing(before) || !isNothing(removed));
  return [
    `The receipt holds: ${receipt.request_id}, person ${receipt.person}, ${receipt.ids.length} ids`,
    `signed by ${receipt.key_id}`,
    `approved ${minute(receipt.approved_at)} by ${receipt.approved_by}`,
    `fenced ${minute(receipt.fenced_at)}, verified ${minute(receipt.verified_at)}: nothing left in ${stores.length} stores`,
    `removed from: ${touched.map(([name]) => name).join(", ") || "none, the person was not known"}; ${receipt.versions_removed} versions of objects`,
    ...receipt.remains.map(({ place, gone_at }) => `remains until ${gone_at.slice(0, 10)}: ${place}`),
  ].join("\n");
}
