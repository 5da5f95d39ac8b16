import type { ReactNode } from 'react';
import { AccountPage } from '../account/account-page.js';
import type { Role } from '../api/types.js';
import { DoctorPage } from '../appointments/doctor-page.js';
import { PatientPage } from '../appointments/patient-page.js';
import { AlertPage } from '../delivery/alert-page.js';
import { DeliveryPage } from '../delivery/delivery-page.js';
import { PersonPage } from '../delivery/person-page.js';
import { FeedPage } from '../feed/feed-page.js';
import { HoursPage } from '../hours/hours-page.js';
import { isMessages } from '../messages/address.js';
import { MessagesPage } from '../messages/messages-page.js';
import { AppointmentPage } from '../one/appointment-page.js';
import { OperatorPage } from '../operator/operator-page.js';
import { PreferencesPage } from '../preferences/preferences-page.js';
import { WeekPage } from '../week/week-page.js';

const homes = { patient: PatientPage, doctor: DoctorPage, operator: OperatorPage };

/** What stands at a path; an unknown path shows the page that one begins with. */
export function pageFor(path: string, role: Role): ReactNode {
  const one = /^\/appointments\/([1-9]\d{0,14})$/.exec(path)?.[1];
  if (one !== undefined) return <AppointmentPage key={one} id={Number(one)} />;
  if (isMessages(path)) return <MessagesPage />;
  if (path === '/account') return <AccountPage />;
  if (path === '/preferences') return <PreferencesPage />;
  if (path === '/calendar') return <FeedPage />;
  if (role !== 'patient' && /^\/week(\/|$)/.test(path)) return <WeekPage />;
  if (role !== 'patient' && path === '/hours') return <HoursPage />;
  if (role === 'operator') {
    const [, part, id] = /^\/delivery(?:\/(people|alerts)\/([1-9]\d{0,14}))?$/.exec(path) ?? [path];
    if (part === 'people') return <PersonPage key={id} id={Number(id)} />;
    if (part === 'alerts') return <AlertPage key={id} id={Number(id)} />;
    if (path === '/delivery') return <DeliveryPage />;
  }
  const Home = homes[role];
  return <Home />;
}
