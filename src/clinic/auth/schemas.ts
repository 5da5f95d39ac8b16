import { z } from 'zod';
import { maxNameLength, minPasswordLength } from '../text-lengths.js';
import { maxEmailLength, maxPasswordLength } from './passwords.js';

/** Bounds only: whether there is such an account is for the password check to say, and always in the same words. */
export const loginSchema = z.object({
  // PostgreSQL's text can't hold NUL.
  email: z
    .string()
    .max(maxEmailLength)
    .regex(/^[^\0]*$/, 'may not contain NUL'),
  password: z.string().max(maxPasswordLength),
  stay: z
    .boolean()
    .optional()
    .describe('Whether the login lasts while no client renews its token, for `LIMIT_STAY_MS`'),
});

/** A password that is to be. */
const newPassword = z.string().min(minPasswordLength).max(maxPasswordLength);

/** The body of a registration. */
export const registrationSchema = z.object({
  // What a browser's field for it takes (HTML, valid e-mail address): `a/b` and `100%` are boxes of somebody.
  email: z.email({ pattern: z.regexes.html5Email }).max(maxEmailLength).toLowerCase(),
  password: newPassword,
  // Names end up in texts: no control characters, and none that turn what stands around them (UTS #55, 3.1).
  name: z
    .string()
    .trim()
    .max(maxNameLength)
    .regex(
      /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u,
      'must be one line of text, without control characters',
    )
    .regex(
      /[^\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cf}\p{Cn}\p{Co}\p{M}\u2800\u{1D159}]/u,
      'must have characters that can be seen',
    ),
});

/** What a person changes of their account. */
export const accountChangeSchema = z.object({ name: registrationSchema.shape.name });

/** A new password for the old one. */
export const passwordChangeSchema = z.object({
  current: z.string().max(maxPasswordLength),
  password: newPassword,
});

/** The body of a request for another e-mail address. */
export const emailChangeSchema = z.object({
  email: registrationSchema.shape.email,
  password: passwordChangeSchema.shape.current.describe('The present one'),
});

/** What the new address is confirmed with. */
export const emailConfirmationSchema = z.object({
  token: z.string().max(100).describe('What stands behind the `#` of the link'),
});

/** The body of a request for a new password. */
export const resetSchema = loginSchema.pick({ email: true });

/** A new password for the link that was mailed. */
export const newPasswordSchema = z.object({
  token: z.string().max(100).describe('What stands behind the `#` of the link'),
  password: newPassword,
});

/** What a person changes of their account, as it was read. */
export type AccountChange = z.infer<typeof accountChangeSchema>;
/** A new password for the old one, as it was read. */
export type PasswordChange = z.infer<typeof passwordChangeSchema>;
/** The request for a new password, as it was read. */
export type Reset = z.infer<typeof resetSchema>;
/** A new password for a link, as it was read. */
export type NewPassword = z.infer<typeof newPasswordSchema>;
/** The request for another e-mail address, as it was read. */
export type NewEmail = z.infer<typeof emailChangeSchema>;
/** The confirmation of an address, as it was read. */
export type EmailConfirmation = z.infer<typeof emailConfirmationSchema>;
/** A login as it was read. */
export type Login = z.infer<typeof loginSchema>;
/** A registration as it was read. */
export type Registration = z.infer<typeof registrationSchema>;
