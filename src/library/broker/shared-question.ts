/**
 * A question that many ask at once: those who ask while it is under way share the next one, since the answer that comes
 * may be older than what they know.
 */
export class SharedQuestion<Answer> {
  #underWay: Promise<Answer> | undefined;
  #next: Promise<Answer> | undefined;

  constructor(private readonly question: () => Promise<Answer>) {}

  /** The answer as it is now, or later. @throws as the question does, to all who share it */
  ask(): Promise<Answer> {
    if (this.#next) return this.#next;
    if (!this.#underWay) return this.#begin();
    const begin = (): Promise<Answer> => {
      this.#next = undefined;
      return this.#begin();
    };
    this.#next = this.#underWay.then(begin, begin);
    return this.#next;
  }

  #begin(): Promise<Answer> {
    const asked = this.question();
    const forget = (): void => {
      if (this.#underWay === asked) this.#underWay = undefined;
    };
    this.#underWay = asked;
    void asked.then(forget, forget);
    return asked;
  }
}
