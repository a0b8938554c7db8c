import type { OwnersOf } from "./json-line-people.ts";

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};

/** What has no generation was written before there were any. */
const generationOf = (value: unknown): number => {
  const generation = Number(value ?? 1);
  return Number.isFinite(generation) ? generation : 1;
};

/** A record of a training log: its person by id or keyed hash. */
export const loggedPerson: OwnersOf = (record) => {
  const { user_id, generation } = fieldsOf(record);
  return { names: typeof user_id === "string" ? [user_id] : [], generation: generationOf(generation) };
};

/** Attributes of tables that name a person. */
const NAMING = ["user_id", "alias", "linked"] as const;
/** Where DynamoDB's full and incremental exports keep an item. */
const IMAGES = ["Item", "Keys", "NewImage", "OldImage"] as const;

/** An item as DynamoDB exports it. A change that has an old and a new image is of the older one's generation. */
export const exportedItem: OwnersOf = (record) => {
  const images = IMAGES.map((image) => fieldsOf(fieldsOf(record)[image]));
  const names = images.flatMap((image) =>
    NAMING.map((name) => fieldsOf(image[name])["S"]).filter((value) => typeof value === "string"),
  );
  const generations = images.flatMap((image) => {
    const generation = fieldsOf(image["generation"])["N"];
    return generation === undefined ? [] : [generationOf(generation)];
  });
  return { names, generation: generations.length === 0 ? 1 : Math.min(...generations) };
};
