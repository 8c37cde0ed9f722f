use serde::Serialize;

/// The spells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpellKind {
    /// Sky schedules what GovOps may do with a Class's PAU.
    OnboardHaloClass,
    /// Sky activates a Unit and schedules what Primes may put into it.
    OnboardUnit,
    /// Sky lets a Class trade at the LitePSM without a fee.
    PsmKiss,
    /// The Halo changes a Unit's caps.
    CapChange,
    /// Sky approves a template.
    TemplateApproval,
    /// The Halo announces a migration.
    MigrateUnit,
    /// A Prime lets a second Controller move its custody.
    SecondController,
    /// The hat freezes a Unit.
    UnitFreeze,
    /// The hat freezes a Class.
    ClassFreeze,
    /// The hat takes relayers and settlers out.
    RelayerPurge,
    /// The hat stops the Configurator.
    ConfiguratorStop,
}

/// Who runs a spell, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Executor {
    /// Sky's pause proxy, after the governance delay.
    Sky,
    /// The Halo's SubProxy, through its spell guard.
    Halo,
    /// A Prime's SubProxy, through its StarGuard.
    Prime,
    /// Whoever wears Sky's hat, at once.
    Hat,
}

impl SpellKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::OnboardHaloClass,
        Self::OnboardUnit,
        Self::PsmKiss,
        Self::CapChange,
        Self::TemplateApproval,
        Self::MigrateUnit,
        Self::SecondController,
        Self::UnitFreeze,
        Self::ClassFreeze,
        Self::RelayerPurge,
        Self::ConfiguratorStop,
    ];

    /// The contract's name.
    #[must_use]
    pub const fn contract(self) -> &'static str {
        match self {
            Self::OnboardHaloClass => "OnboardHaloClass",
            Self::OnboardUnit => "OnboardUnit",
            Self::PsmKiss => "PsmKiss",
            Self::CapChange => "CapChange",
            Self::TemplateApproval => "TemplateApproval",
            Self::MigrateUnit => "MigrateUnit",
            Self::SecondController => "SecondController",
            Self::UnitFreeze => "UnitFreeze",
            Self::ClassFreeze => "ClassFreeze",
            Self::RelayerPurge => "RelayerPurge",
            Self::ConfiguratorStop => "ConfiguratorStop",
        }
    }

    /// The name on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::OnboardHaloClass => "onboard-halo-class",
            Self::OnboardUnit => "onboard-unit",
            Self::PsmKiss => "psm-kiss",
            Self::CapChange => "cap-change",
            Self::TemplateApproval => "template-approval",
            Self::MigrateUnit => "migrate-unit",
            Self::SecondController => "second-controller",
            Self::UnitFreeze => "unit-freeze",
            Self::ClassFreeze => "class-freeze",
            Self::RelayerPurge => "relayer-purge",
            Self::ConfiguratorStop => "configurator-stop",
        }
    }

    /// What it does, in one line.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::OnboardHaloClass => "Sky schedules what GovOps may do with a Class's PAU",
            Self::OnboardUnit => "Sky activates a Unit and schedules what Primes may put into it",
            Self::PsmKiss => "Sky lets a Class trade at the LitePSM without a fee",
            Self::CapChange => "The Halo changes a Unit's caps",
            Self::TemplateApproval => "Sky approves a template",
            Self::MigrateUnit => "The Halo announces a migration",
            Self::SecondController => {
                "A Prime lets a second Controller, which knows Units, move its custody"
            }
            Self::UnitFreeze => "The hat freezes a Unit, at once",
            Self::ClassFreeze => "The hat freezes a Class, at once",
            Self::RelayerPurge => "The hat takes relayers and settlers out, at once",
            Self::ConfiguratorStop => "The hat stops the Configurator, at once",
        }
    }

    /// Who runs it.
    #[must_use]
    pub const fn executor(self) -> Executor {
        match self {
            Self::OnboardHaloClass | Self::OnboardUnit | Self::PsmKiss | Self::TemplateApproval => {
                Executor::Sky
            }
            Self::CapChange | Self::MigrateUnit => Executor::Halo,
            Self::SecondController => Executor::Prime,
            Self::UnitFreeze | Self::ClassFreeze | Self::RelayerPurge | Self::ConfiguratorStop => {
                Executor::Hat
            }
        }
    }
}

impl Executor {
    /// The function that takes effect.
    pub(crate) const fn entry(self) -> &'static str {
        match self {
            Self::Sky | Self::Halo | Self::Prime => "execute()",
            Self::Hat => "schedule()",
        }
    }

    /// The road in the generated test.
    pub(crate) const fn cast(self) -> &'static str {
        match self {
            Self::Sky => "castBySky",
            Self::Halo => "castByHalo",
            Self::Prime => "castByPrime",
            Self::Hat => "castByHat",
        }
    }
}
