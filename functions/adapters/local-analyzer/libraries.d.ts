/** What is used of libraries that come without types. */
declare module "@nlpjs/neural" {
  type Features = Readonly<Record<string, number>>;
  /** One perceptron a label over sparse features. Starts from zero weights: the same corpus, the same model. */
  export class NeuralNetwork {
    constructor(settings: { readonly iterations: number });
    train(corpus: readonly { readonly input: Features; readonly output: Features }[]): void;
    /** The activation of each label, 0 and up. The object is reused by the next run. */
    run(input: Features): Record<string, number>;
  }
}

declare module "@nlpjs/lang-es/src/stemmer-es.js" {
  export default class StemmerEs {
    stemWord(word: string): string;
  }
}

declare module "@nlpjs/lang-en-min/src/stemmer-en.js" {
  export default class StemmerEn {
    stemWord(word: string): string;
  }
}
