export class PagesOptions {
  constructor(
    /** Whether `/` has a link that begins a flow of the demo client. */
    readonly demo: boolean,
  ) {}
}
