export class PagesOptions {
  constructor(
    /** Whether `/` leads into the flow of the demo client. */
    readonly demo: boolean,
  ) {}
}
