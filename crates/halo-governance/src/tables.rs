//! What the plan says of roles, limits and artifacts, as rows of the generated test, and what a spell changes in them.

use alloy_primitives::{Address, B256};
use halo_spec::amount;
use halo_templates::bindings::ArtifactRegistry;
use serde_json::{Value, json};

use crate::{
    Error, Result, Scene,
    words::{address, number, word},
};

/// The rows, and what becomes of some of them.
#[derive(Debug)]
pub(crate) struct Tables {
    roles: Vec<Role>,
    limits: Vec<Value>,
    heads: Vec<Head>,
}

#[derive(Debug)]
struct Role {
    contract: String,
    role: String,
    at: Address,
    id: B256,
    members: Vec<Address>,
    after: Option<Vec<Address>>,
}

#[derive(Debug)]
struct Head {
    subject: String,
    id: B256,
    number: u64,
    content: B256,
    params: B256,
    after: Option<(B256, B256)>,
}

/// The text and the parameters that an artifact has now.
#[derive(Clone, Debug)]
pub(crate) struct InForce {
    pub(crate) id: B256,
    pub(crate) number: u64,
    pub(crate) content: B256,
    pub(crate) params: B256,
    pub(crate) uri: String,
}

impl Tables {
    /// Everything that the manifest says, with the artifacts' heads as the chain has them.
    pub(crate) fn of(scene: &Scene) -> Result<Self> {
        let roles = scene.manifest.roles.iter().map(|row| Role {
            contract: row.contract.clone(),
            role: row.role.clone(),
            at: row.address,
            id: row.id,
            members: row.members.clone(),
            after: None,
        });
        let limits = scene.manifest.limits.iter().map(|row| {
            let slope = amount::format_number(row.slope, 0);
            json!({
                "name": format!("{} {}", row.contract, row.label),
                "at": address(row.address),
                "key": word(row.key),
                "max": number(row.max, row.decimals),
                "slope": slope,
                "words": row.label,
            })
        });
        let registry = scene.contract("core/artifact-registry")?;
        let head = |row: &halo_deploy::Artifact| {
            let head = scene.read(registry, &ArtifactRegistry::headCall { id: row.id })?;
            Ok(Head {
                subject: row.subject.clone(),
                id: row.id,
                number: head.number,
                content: head.contentHash,
                params: head.paramsHash,
                after: None,
            })
        };
        let heads = scene.manifest.artifacts.iter().map(head).collect::<Result<_>>()?;
        Ok(Self { roles: roles.collect(), limits: limits.collect(), heads })
    }

    /// What the artifact of `subject` has in force.
    pub(crate) fn in_force(&self, scene: &Scene, subject: &str) -> Result<InForce> {
        let missing = || Error::Terms {
            what: format!("the artifact of {subject} is not in force"),
            remedy: "ratify it first".to_owned(),
        };
        let head = self.heads.iter().find(|head| head.subject == subject).ok_or_else(missing)?;
        let registry = scene.contract("core/artifact-registry")?;
        let version = ArtifactRegistry::versionAtCall { id: head.id, number: head.number };
        let version = scene.read(registry, &version)?;
        let Head { id, number, content, params, .. } = *head;
        Ok(InForce { id, number, content, params, uri: version.uri })
    }

    /// The spell gives the role to one more.
    pub(crate) fn gains(&mut self, contract: &str, role: &str, account: Address) {
        if let Some(row) = self.row(contract, role) {
            row.after = Some(row.members.iter().copied().chain([account]).collect());
        }
    }

    /// The spell leaves the role to exactly these.
    pub(crate) fn leaves(&mut self, contract: &str, role: &str, members: Vec<Address>) {
        if let Some(row) = self.row(contract, role) {
            row.after = Some(members);
        }
    }

    /// The spell puts a text and parameters in force.
    pub(crate) fn edits(&mut self, subject: &str, content: B256, params: B256) {
        if let Some(head) = self.heads.iter_mut().find(|head| head.subject == subject) {
            head.after = Some((content, params));
        }
    }

    fn row(&mut self, contract: &str, role: &str) -> Option<&mut Role> {
        self.roles.iter_mut().find(|row| row.contract == contract && row.role == role)
    }

    /// The rows for the templates: `roles`, `limits`, `heads`.
    pub(crate) fn into_json(self) -> Value {
        let list = |members: &[Address]| members.iter().map(|at| address(*at)).collect::<Vec<_>>();
        let roles: Vec<_> = (self.roles.iter())
            .map(|row| {
                json!({
                    "name": format!("{} {}", row.contract, row.role),
                    "at": address(row.at),
                    "role": word(row.id),
                    "members": list(&row.members),
                })
            })
            .collect();
        let role_changes: Vec<_> = (self.roles.iter().enumerate())
            .filter_map(|(at, row)| {
                let members = list(row.after.as_ref()?);
                let name = format!("{} {}", row.contract, row.role);
                Some(json!({ "at": at, "members": members, "name": name }))
            })
            .collect();
        let heads: Vec<_> = (self.heads.iter())
            .map(|head| {
                json!({
                    "name": head.subject,
                    "id": word(head.id),
                    "number": head.number,
                    "content": word(head.content),
                    "params": word(head.params),
                })
            })
            .collect();
        let head_changes: Vec<_> = (self.heads.iter().enumerate())
            .filter_map(|(at, head)| {
                let (content, params) = head.after?;
                Some(json!({
                    "at": at,
                    "name": head.subject,
                    "number": head.number + 1,
                    "content": word(content),
                    "params": word(params),
                }))
            })
            .collect();
        json!({
            "roles": { "before": roles, "changes": role_changes },
            "limits": self.limits,
            "heads": { "before": heads, "changes": head_changes },
        })
    }
}
