import type { Limits } from '../limits.js';

/** The settings of the delivery's module. */
export interface DeliveryOptions {
  readonly limits: Limits;
  /** Undefined: e-mail is off. */
  readonly mail: { readonly url: string; readonly from: string } | undefined;
  readonly push: {
    /** `mailto:` or `https:`, which push services write to when something is wrong (RFC 8292, 2.1). */
    readonly contact: string;
    /** Hosts whose addresses may be private, and whose endpoints may be plain http. */
    readonly privateHosts: readonly string[];
  };
  /** Where people find the page; undefined: mails have no link. */
  readonly publicUrl: string | undefined;
}

/** Of `DeliveryOptions`. */
export const DELIVERY_OPTIONS = Symbol('carillon:delivery-options');

/** The `DeliveryChannel`s that there are. */
export const CHANNELS = Symbol('carillon:delivery-channels');

/** The `VapidKeys` of this clinic. */
export const VAPID_KEYS = Symbol('carillon:vapid-keys');
