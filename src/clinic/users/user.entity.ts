import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Language } from '../words/language.js';

/** What a person is in the clinic. */
export type Role = 'patient' | 'doctor' | 'operator';

/** Somebody who can sign in. */
@Entity('users')
export class UserRow {
  @PrimaryGeneratedColumn()
  readonly id!: number;

  /** Lower-cased; also the name in `/user/{name}/…`: where it changes, what is subscribed there connects anew. */
  @Column('varchar', { unique: true })
  readonly email!: string;

  @Column('varchar')
  readonly name!: string;

  @Column('varchar')
  readonly role!: Role;

  /** Doctors only. */
  @Column('varchar', { nullable: true })
  readonly specialty!: string | null;

  /** In which they are told things; null where they never chose one. */
  @Column('varchar', { nullable: true })
  readonly language!: Language | null;

  @Column('varchar', { name: 'password_hash' })
  readonly passwordHash!: string;
}
