// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { MerkleProof } from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { MigrationPlan, PlanStep, PlanUnit, Progress, VaultInit } from "src/emergency/EmergencyTypes.sol";
import { MigrationVault } from "src/emergency/MigrationVault.sol";
import { AclLike, RegistryLike, Steward, UnitLike } from "src/emergency/Steward.sol";
import { TemplateInstances } from "src/emergency/TemplateInstances.sol";
import { SettlementMath } from "src/lcts/SettlementMath.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { ProxyTokens } from "src/pau/facets/ProxyTokens.sol";
import { ArtifactKind, ArtifactStatus } from "src/registry/ArtifactRegistry.sol";

interface BookLike {
    function asset() external view returns (address);
    function scale() external view returns (uint64);
    function nav() external view returns (uint256);
    function indexOf(address unit) external view returns (uint256);
    function usableFor(uint64 lockedAt) external view returns (bool);
    function applyLoss(uint256 amount, bytes32 evidenceHash) external;
}

interface ArtifactsLike {
    function head(bytes32 id)
        external
        view
        returns (uint64 number, bytes32 contentHash, bytes32 paramsHash, ArtifactStatus status);
}

/// @title Migration: carries out the plan that the Halo artifact has committed to
/// @notice Announced, then after `takeoverDelay` begun, then step by step, and at last a success or a failure for all
/// Units of the Class together. Until then they stay frozen, and what their vaults hold counts in the Class's NAV (the
/// attestors report it as deployed): a failed migration changes nobody's share.
/// @dev All or nothing, because Units of one Book share its value: if one of them could leave alone, its old shares would
/// go on counting against the others until the last holder has swapped.
abstract contract Migration is Steward {
    /// @notice The plan is not in the Halo artifact now.
    error PlanNotApproved(bytes32 planHash);
    /// @notice This is not the plan that is carried out, or it does not fit this Class.
    error PlanMismatch();
    /// @notice The plan was not announced, or can start at `at` (unix seconds).
    error PlanNotReady(uint64 at);
    /// @notice The plan's deadline (unix seconds) has passed.
    error PlanExpired(uint64 deadline);
    /// @notice The plan was announced before, or another is being carried out or has succeeded.
    error PlanRunning(bytes32 planHash);
    /// @notice No plan is being carried out.
    error NoPlanRunning();
    /// @notice No report that speaks of a time after the announcement prices the Class.
    error FinalReportMissing();
    /// @notice All Units must be frozen, so that nothing is settled while their assets move.
    error NotFrozen(address unit);
    /// @notice Steps go in order.
    error StepClosed(uint256 step);
    /// @notice More than `left` token units would leave by this step.
    error StepExceedsLimit(uint256 left);
    /// @notice More than `left` token units of the asset would leave today.
    error DailyLimitExceeded(uint256 left);
    /// @notice The Unit's vault would hold more than the Unit is worth; `left` asset units are its due.
    error AboveEntitlement(uint256 left);
    /// @notice The vault of this Unit has fewer new shares for an old one than the plan asks, or the new Unit is locked.
    error VaultNotReady(address unit);
    /// @notice The token moved another amount than it was told to (token units).
    error TransferMismatch(uint256 expected, uint256 received);

    /// @notice The plan can start at `readyAt` (unix seconds).
    event PlanAnnounced(bytes32 indexed planHash, address indexed by, uint64 readyAt);
    /// @notice The migration has begun.
    event MigrationStarted(bytes32 indexed planHash, address indexed by);
    /// @notice `vault` will swap shares of `unit` for such of `target`.
    event VaultMade(address indexed unit, address indexed target, address vault);
    /// @notice `amount` token units of `asset` left custody by step `step` of the plan.
    event MigrationStep(uint256 indexed step, address indexed asset, address indexed to, uint256 amount);
    /// @notice The migration is over. After a success holders swap; `moved` asset units are theirs outside the Class.
    event MigrationConcluded(bytes32 indexed planHash, bool succeeded, uint256 moved);

    /// @notice The plan that is or was carried out; 0 before the first.
    bytes32 public activePlan;
    /// @notice Where it is.
    Progress public progress;
    /// @notice Until when it may move value, unix seconds.
    uint64 public deadline;
    /// @notice The step that it has come to.
    uint256 public currentStep;
    /// @notice When a plan was announced, unix seconds; 0 if it was not.
    mapping(bytes32 planHash => uint64) public announcedAt;
    /// @notice Token units moved by a step of a plan.
    mapping(bytes32 planHash => mapping(uint256 step => uint256)) public sentBy;
    /// @notice Token units of an asset that left on a UTC day (unix seconds / 86400).
    mapping(address asset => mapping(uint256 day => uint256)) public sentOn;
    /// @notice The vault of a source Unit in the latest plan; 0 if there is none.
    mapping(address unit => address) public vaultOf;
    /// @notice Asset units that a vault was sent.
    mapping(address vault => uint256) public sentTo;

    /// @notice Says that the plan will be carried out, so that whoever ratified it can still withdraw it.
    /// @param proof Merkle proof of the plan's hash in the Halo artifact's paramsHash; empty if they are the same.
    /// @dev Steward only. Reverts with NotSteward, PlanNotApproved, PlanRunning.
    function announce(bytes32 planHash, bytes32[] calldata proof) external nonReentrant onlySteward {
        _requireApproved(planHash, proof);
        if (announcedAt[planHash] != 0) revert PlanRunning(planHash);
        announcedAt[planHash] = uint64(block.timestamp);
        emit PlanAnnounced(planHash, msg.sender, uint64(block.timestamp) + _class.takeoverDelay);
    }

    /// @notice Begins the migration of a frozen Class: subscriptions end for good, and each Unit gets its vault.
    /// @param proof As for `announce`; asked again, so that a withdrawn plan does not start.
    /// @dev Steward only. Reverts with NotSteward, PlanNotApproved, PlanNotReady, PlanExpired, PlanRunning (unless the one
    /// before failed), FinalReportMissing, NotFrozen, PlanMismatch.
    function migrate(MigrationPlan calldata plan, bytes32[] calldata proof)
        external
        nonReentrant
        onlySteward
    {
        bytes32 planHash = keccak256(abi.encode(plan));
        _requireApproved(planHash, proof);
        uint64 announced = announcedAt[planHash];
        uint64 readyAt = announced + _class.takeoverDelay;
        if (announced == 0 || block.timestamp < readyAt) revert PlanNotReady(readyAt);
        if (block.timestamp > plan.deadline) revert PlanExpired(plan.deadline);
        if (progress == Progress.RUNNING || progress == Progress.SUCCEEDED) revert PlanRunning(activePlan);
        if (!BookLike(_class.book).usableFor(announced)) revert FinalReportMissing();

        (activePlan, progress, deadline, currentStep) = (planHash, Progress.RUNNING, plan.deadline, 0);
        address[] memory units = _units();
        if (plan.sourceClass != _class.classId || plan.units.length != units.length) revert PlanMismatch();
        for (uint256 i; i < units.length; ++i) {
            if (plan.units[i].unit != units[i]) revert PlanMismatch();
            _begin(plan.units[i], planHash);
        }
        emit MigrationStarted(planHash, msg.sender);
    }

    /// @notice Moves `amount` token units by step `step` of the plan. What goes to a vault stays in NAV until the migration
    /// has succeeded; what goes elsewhere in the Class's asset leaves it at once.
    /// @dev Steward only. Reverts with NotSteward, PlanMismatch, NoPlanRunning, PlanExpired, StepClosed, StepExceedsLimit,
    /// DailyLimitExceeded, AboveEntitlement, TransferMismatch.
    function runStep(MigrationPlan calldata plan, uint256 step, uint256 amount)
        external
        nonReentrant
        onlySteward
    {
        bytes32 planHash = keccak256(abi.encode(plan));
        if (planHash != activePlan || step >= plan.steps.length) revert PlanMismatch();
        if (progress != Progress.RUNNING) revert NoPlanRunning();
        if (block.timestamp > deadline) revert PlanExpired(deadline);
        if (step < currentStep) revert StepClosed(step);
        currentStep = step;
        PlanStep calldata s = plan.steps[step];
        uint256 left = s.max - sentBy[planHash][step];
        if (amount > left) revert StepExceedsLimit(left);
        sentBy[planHash][step] += amount;
        _useDay(plan, s.asset, amount);

        bool toVault = _isMember(s.destination);
        address to = toVault ? _vaultFor(s, amount) : s.destination;
        uint256 before = IERC20(s.asset).balanceOf(to);
        ProxyTokens.transfer(_class.almProxy, s.asset, to, amount);
        uint256 received = IERC20(s.asset).balanceOf(to) - before;
        if (received != amount) revert TransferMismatch(amount, received);
        if (!toVault && s.asset == BookLike(_class.book).asset()) _bookOut(amount);
        emit MigrationStep(step, s.asset, to, amount);
    }

    /// @notice Ends the migration. It succeeds if every vault has its ratio: holders swap from now on, and what the vaults
    /// were sent leaves NAV. Otherwise it fails: vaults give back, holders redeem in the old Units. Either way exits open.
    /// @dev Steward, and only to a success, until the deadline; anybody after it, or at once (and only to a failure) when
    /// this is the guard's ConserverController no more. Reverts with NotSteward, NoPlanRunning, VaultNotReady (until the
    /// deadline, and for a new Unit that is locked, which anybody can end in time).
    function conclude() external nonReentrant {
        if (progress != Progress.RUNNING) revert NoPlanRunning();
        bool office = inOffice();
        bool late = block.timestamp > deadline;
        if (office && !late && !isSteward(msg.sender)) revert NotSteward(msg.sender);
        address[] memory units = _units();
        bool succeeded = office && _allReady(units, late);
        progress = succeeded ? Progress.SUCCEEDED : Progress.FAILED;

        uint256 moved;
        for (uint256 i; i < units.length; ++i) {
            address vault = vaultOf[units[i]];
            if (office) _openExits(units[i]);
            if (vault == address(0)) continue;
            MigrationVault(vault).conclude(succeeded);
            moved += sentTo[vault];
        }
        if (succeeded) _bookOut(moved);
        emit MigrationConcluded(activePlan, succeeded, succeeded ? moved : 0);
    }

    // --- Inner workings ---

    function _begin(PlanUnit calldata p, bytes32 planHash) private {
        UnitState state = UnitLike(p.unit).state();
        if (state != UnitState.FROZEN && state != UnitState.CLOSED) revert NotFrozen(p.unit);
        delete vaultOf[p.unit];
        // Ends subscriptions behind the freeze, which stays.
        if (state == UnitState.FROZEN) UnitLike(p.unit).windDown();
        if (p.target == address(0)) {
            if (_worth(p.unit) != 0) revert PlanMismatch();
            return;
        }
        if (p.minRatio == 0 || _isMember(p.target)) revert PlanMismatch();
        if (UnitLike(p.target).asset() != UnitLike(p.unit).asset()) revert PlanMismatch();
        bytes32 salt = keccak256(abi.encode(planHash, p.unit));
        address vault = TemplateInstances.make(_class.registry, "MigrationVault", salt);
        vaultOf[p.unit] = vault;
        MigrationVault(vault).initialize(VaultInit(p.unit, p.target, _class.almProxy, p.minRatio, deadline));
        UnitLike(p.unit).setHolder(vault, true);
        emit VaultMade(p.unit, p.target, vault);
    }

    function _useDay(MigrationPlan calldata plan, address asset, uint256 amount) private {
        uint256 max;
        for (uint256 i; i < plan.dailyLimits.length; ++i) {
            if (plan.dailyLimits[i].asset == asset) max = plan.dailyLimits[i].max;
        }
        uint256 day = block.timestamp / 1 days;
        uint256 left = Math.saturatingSub(max, sentOn[asset][day]);
        if (amount > left) revert DailyLimitExceeded(left);
        sentOn[asset][day] += amount;
    }

    /// @dev The vault that a source Unit stands for; it gets no more than the Unit is worth, so that no Unit's holders are
    /// served with what belongs to another's.
    function _vaultFor(PlanStep calldata s, uint256 amount) private returns (address vault) {
        vault = vaultOf[s.destination];
        if (vault == address(0) || UnitLike(s.destination).asset() != s.asset) revert PlanMismatch();
        uint256 left = Math.saturatingSub(_worth(s.destination), sentTo[vault]);
        if (amount > left) revert AboveEntitlement(left);
        sentTo[vault] += amount;
    }

    function _allReady(address[] memory units, bool late) private view returns (bool ready) {
        ready = true;
        for (uint256 i; i < units.length; ++i) {
            address vault = vaultOf[units[i]];
            if (vault == address(0)) continue;
            bool decidable = !UnitLike(MigrationVault(vault).newUnit()).locked();
            bool reached = MigrationVault(vault).isReached();
            if (!decidable || (!reached && !late)) revert VaultNotReady(units[i]);
            ready = ready && reached;
        }
    }

    /// @dev Takes what is gone out of NAV, asset units.
    function _bookOut(uint256 amount) private {
        BookLike book = BookLike(_class.book);
        amount = Math.min(amount, book.nav());
        if (amount > 0) book.applyLoss(amount, activePlan);
    }

    /// @dev Asset value of all shares of `unit` by the Book, asset units, floor.
    function _worth(address unit) private view returns (uint256) {
        BookLike book = BookLike(_class.book);
        return SettlementMath.assetsDown(UnitLike(unit).totalSupply(), book.indexOf(unit), book.scale());
    }

    function _requireApproved(bytes32 planHash, bytes32[] calldata proof) private view {
        RegistryLike registry = RegistryLike(_class.registry);
        (,, address artifacts) = registry.sources();
        bytes32 haloId = registry.classRecord(_class.classId).haloId;
        bytes32 id = keccak256(abi.encode(ArtifactKind.HALO, haloId));
        (,, bytes32 root, ArtifactStatus status) = ArtifactsLike(artifacts).head(id);
        if (status != ArtifactStatus.ACTIVE || !MerkleProof.verifyCalldata(proof, root, planHash)) {
            revert PlanNotApproved(planHash);
        }
    }
}
