/** The claims that an account stores, OIDC Core §5.1; `sub` and `updated_at` follow from the account itself. */
import { IsBoolean, Nested } from '#document/decorators.js';
import type { Members } from '#document/members.js';
import {
  IsBirthdate,
  IsEmailAddress,
  IsLanguageTag,
  IsLine,
  IsLines,
  IsTelephoneNumber,
  IsWebAddress,
  IsZone,
} from './claim-checks.js';

/** OIDC Core §5.1.1. */
class Address {
  @IsLines() readonly formatted?: string;
  @IsLines() readonly street_address?: string;
  @IsLine() readonly locality?: string;
  @IsLine() readonly region?: string;
  @IsLine() readonly postal_code?: string;
  @IsLine() readonly country?: string;
}

export class Claims {
  @IsLine() readonly name?: string;
  @IsLine() readonly given_name?: string;
  @IsLine() readonly family_name?: string;
  @IsLine() readonly middle_name?: string;
  @IsLine() readonly nickname?: string;
  @IsLine() readonly preferred_username?: string;
  @IsWebAddress() readonly profile?: string;
  @IsWebAddress() readonly picture?: string;
  @IsWebAddress() readonly website?: string;
  @IsLine() readonly gender?: string;
  @IsBirthdate() readonly birthdate?: string;
  @IsZone() readonly zoneinfo?: string;
  @IsLanguageTag() readonly locale?: string;
  @IsEmailAddress() readonly email?: string;
  @IsBoolean() readonly email_verified?: boolean;
  @IsTelephoneNumber() readonly phone_number?: string;
  @IsBoolean() readonly phone_number_verified?: boolean;
  @Nested(Address) readonly address?: Address;
}

export type Profile = Members<Claims>;
