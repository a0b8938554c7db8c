import { NeuralNetwork } from "@nlpjs/neural";

/** Features of a text: name and strength, above 0. */
export type Features = Readonly<Record<string, number>>;

export interface Example {
  readonly features: Features;
  readonly label: string;
}

/** Shares of the labels: 0 to 1, summing to 1, or all 0 where nothing in the text is known. */
export type Shares = Readonly<Record<string, number>>;

/** Rounds of training: 30 and 50 gained nothing on the development set and take two and three times as long. */
const ITERATIONS = 15;

const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

/** Learns labels from examples. The same examples in the same order give the same classifier. */
export function trainClassifier(examples: readonly Example[]): (features: Features) => Shares {
  const network = new NeuralNetwork({ iterations: ITERATIONS });
  network.train(mixed(examples).map(({ features, label }) => ({ input: features, output: { [label]: 1 } })));
  return (features) => {
    const activations = Object.entries(network.run(features));
    const sum = activations.reduce((total, [, value]) => total + value, 0);
    return Object.fromEntries(activations.map(([label, value]) => [label, sum > 0 ? value / sum : 0]));
  };
}

/**
 * A fixed order in which labels alternate (multiples of the golden ratio fill 0..1 evenly): training goes
 * example by example, and a long run of one label at the end would drown the others.
 */
function mixed<T>(items: readonly T[]): T[] {
  const places = items.map((item, position) => ({ item, place: (position * GOLDEN_RATIO) % 1 }));
  return places.sort((a, b) => a.place - b.place).map(({ item }) => item);
}

/** The label with the largest share, the first of equals; none where all are 0. */
export function largestShare(shares: Shares): { readonly label: string; readonly share: number } | undefined {
  const [label, share] = Object.entries(shares).reduce((a, b) => (b[1] > a[1] ? b : a), ["", 0]);
  return share > 0 ? { label, share } : undefined;
}
