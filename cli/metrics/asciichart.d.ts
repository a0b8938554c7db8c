declare module "asciichart" {
  /** Draws series of numbers as lines of text, newest at the right. */
  export function plot(
    series: readonly number[],
    config?: { readonly height?: number; readonly min?: number; readonly format?: (value: number) => string },
  ): string;
}
