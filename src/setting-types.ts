import { isIP } from 'node:net';
import { z } from 'zod';
import { serializedOrigin } from './library/transport/origin-name.js';

/** A whole number; digits only, since Number() takes '' and '0x10' as well. */
export function integer(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .refine(
      (value) => /^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max,
      `must be a whole number from ${min} to ${max}`,
    )
    .transform(Number);
}

/** A text that `isValid` accepts. */
export function text(isValid: (value: string) => boolean, message: string): z.ZodType<string, string> {
  return z.string().refine(isValid, message);
}

/** Comma-separated; absent is the empty list. */
export function list(
  isValid: (item: string) => boolean,
  message: string,
): z.ZodType<string[], string | undefined> {
  return z
    .string()
    .default('')
    .transform((value) =>
      value
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    )
    .refine((items) => items.every(isValid), message);
}

/** Some of these, separated by commas; all of them unless it is given; or `none`. */
export function choices<const Name extends string>(
  names: readonly Name[],
): z.ZodType<Name[], string | undefined> {
  return list(
    (item) => item === 'none' || names.some((name) => name === item),
    `must be a comma-separated list of ${names.join(', ')}, or none`,
  ).transform((items) => (items.length === 0 ? [...names] : names.filter((name) => items.includes(name))));
}

/** Whether a text names a database that the store can open. */
export function isDatabaseUrl(value: string): boolean {
  return /^sqlite:.+/.test(value) || /^postgres(ql)?:\/\/.+/.test(value);
}

/** No relay, the database as the relay, or where one is. */
export function isRelayUrl(value: string): boolean {
  return /^(none|postgres|(postgres(ql)?|rediss?|amqps?):\/\/.+)$/.test(value);
}

/** An address, or a block of them: `10.0.0.0/8`, `::1`. */
export function isCidr(value: string): boolean {
  const [address = '', bits, ...rest] = value.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** As browsers send it: what is only like it would match nothing. */
export function isOrigin(value: string): boolean {
  return serializedOrigin(value) === value;
}

/** Written in full: `https:user:password@host` is one to `URL` too, but not to those who look for the password in it. */
export function isWebUrl(value: string): boolean {
  return /^https?:\/\/[^/\\]/.test(value) && URL.canParse(value);
}

/** Whether a text is the URL of a mail server. */
export function isSmtpUrl(value: string): boolean {
  return /^smtps?:\/\/[^/\\]/.test(value) && URL.canParse(value);
}

/** An address by itself, or behind a name: `Clinic <alerts@example.org>`. Line ends would be headers of their own. */
export function isMailFrom(value: string): boolean {
  return /^([^\s<>@,]+@[^\s<>@,]+|[^<>@,\r\n]+<[^\s<>@,]+@[^\s<>@,]+>)$/.test(value);
}

/** RFC 8292, 2.1 */
export function isContact(value: string): boolean {
  return /^(mailto:[^\s@]+@[^\s@]+|https:\/\/[^/\\]\S*)$/.test(value);
}

/** A name or an address, without a port. */
export function isHost(value: string): boolean {
  return isIP(value) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(value);
}

/** Whether a text names a time zone of IANA's database. */
export function isTimeZone(value: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    // RangeError is how Intl says that it doesn't know the zone.
    return false;
  }
}
