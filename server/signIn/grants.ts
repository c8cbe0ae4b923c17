import type { GroupRule } from '../../sql/accessConfig.ts'
import type { Role } from '../../sql/keys.ts'
import { scopesOf } from '../access/roles.ts'
import type { Grant } from '../access/who.ts'
import type { Session } from './session.ts'

/** The provider of who was signed in by a link of this machine. */
export const machine = 'machine'

const everywhere = { department: [], service: [], district: [] }
const whole = (role: Role): Grant => ({ role, may: scopesOf[role], rows: everywhere })

/** What somebody may do by the rules in force. Who came by a link administers this machine, and sees its cases. */
export function grantsOf(
  { provider, groups }: Pick<Session, 'provider' | 'groups'>,
  rules: readonly GroupRule[],
): Grant[] {
  if (provider === machine) return [whole('administrator'), whole('case_worker')]
  return rules
    .filter((rule) => rule.provider === provider && groups.includes(rule.group))
    .map(({ role, department, service, district }) => ({
      role,
      may: scopesOf[role],
      rows: { department, service, district },
    }))
}
