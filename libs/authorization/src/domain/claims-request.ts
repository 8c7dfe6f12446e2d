/** One claim as the `claims` parameter asks for it (OIDC Core §5.5.1). */
export interface ClaimRequest {
  readonly essential?: boolean;
  readonly value?: unknown;
  readonly values?: readonly unknown[];
}

/** The `claims` parameter (OIDC Core §5.5): which claims the client wants, and where. null asks for a claim without conditions. */
export interface ClaimsRequest {
  readonly id_token?: Readonly<Record<string, ClaimRequest | null>>;
  readonly userinfo?: Readonly<Record<string, ClaimRequest | null>>;
}
