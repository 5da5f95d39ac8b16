import { z } from 'zod';
import { maxEmailLength, maxPasswordLength } from './passwords.js';

/** Bounds only: whether there is such an account is for the password check to say, and always in the same words. */
export const loginSchema = z.object({
  email: z.string().max(maxEmailLength),
  password: z.string().max(maxPasswordLength),
});

export const registrationSchema = z.object({
  email: z.email().max(maxEmailLength).toLowerCase(),
  // NIST SP 800-63B, 5.1.1.2: at least 8, and no rules about which characters.
  password: z.string().min(8).max(maxPasswordLength),
  // Names end up in texts: no control characters, and none that turn what stands around them (UTS #55, 3.1).
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(
      /^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u,
      'must be one line of text, without control characters',
    ),
});

export type Login = z.infer<typeof loginSchema>;
export type Registration = z.infer<typeof registrationSchema>;
