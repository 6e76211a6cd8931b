/** A number whose digits a double can't hold; only for schemas with exact decimals. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
