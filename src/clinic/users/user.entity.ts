import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What a person is in the clinic. */
export type Role = 'patient' | 'doctor' | 'operator';

/** Somebody who can sign in. */
@Entity('users')
export class UserRow {
  @PrimaryGeneratedColumn()
  readonly id!: number;

  /** Lower-cased; also the name in `/user/{name}/…`, so it never changes. */
  @Column('varchar', { unique: true })
  readonly email!: string;

  @Column('varchar')
  readonly name!: string;

  @Column('varchar')
  readonly role!: Role;

  /** Doctors only. */
  @Column('varchar', { nullable: true })
  readonly specialty!: string | null;

  @Column('varchar', { name: 'password_hash' })
  readonly passwordHash!: string;
}
