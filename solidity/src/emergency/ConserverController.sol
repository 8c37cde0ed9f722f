// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { Progress } from "src/emergency/EmergencyTypes.sol";
import { Migration } from "src/emergency/Migration.sol";
import { AclLike, UnitLike } from "src/emergency/Steward.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { ALMProxyLike } from "src/pau/PauLike.sol";
import { Roles } from "src/pau/Roles.sol";
import { ProxyTokens } from "src/pau/facets/ProxyTokens.sol";

interface ReportedLike {
    function reporter() external view returns (address);
}

interface ReporterLike {
    function isAttestor(address account) external view returns (bool);
}

/// @title ConserverController: the hands of whoever winds a Class down
/// @notice After a takeover the Fortification Conserver acts on the Class through this and nothing else; before one, the
/// Halo's governance may use it for a migration of its own. It brings value home, pays redeemers, lets them settle, and
/// carries out the migration plan that the Halo artifact has committed to.
/// @dev Holds CONTROLLER on the custody and DEFAULT_ADMIN on the access list, nothing on the limits. What a conserver
/// alone cannot do with it, whatever it calls: send value anywhere but to the Units of this Class for their redeemers and
/// to the destinations of a plan that governance ratified, announced `takeoverDelay` before and not withdrawn since,
/// within its steps and its limits per day; give one Unit's vault more than the Unit is worth; set a price (reports stay
/// the attestors', forced values governance's); make itself or an attestor settler; open a Unit to subscriptions; grant
/// any other role. Losses it books at the Book and the ledger by its own role.
///
/// Value that is no token in custody (claims on endpoints) does not move here. A plan that sends tokens to a target
/// Class directly, and not through a vault, gives them to all holders there.
contract ConserverController is Migration {
    /// @notice Only calls that bring value into custody go through here.
    error NotInward(bytes4 selector);
    /// @notice The account holds a duty that the other should check.
    error ConflictOfDuty(address account);
    /// @notice Custody lets `spender` take none of the token.
    error NoAllowance(address token, address spender);
    /// @notice The Unit has ended.
    error UnitClosed(address unit);

    /// @notice `amount` asset units were set aside in `unit` for its redeemers.
    event RedemptionsFunded(address indexed unit, uint256 amount);
    /// @notice `spender` can take no more of `token` from custody.
    event AllowanceDropped(address indexed token, address indexed spender);
    /// @notice Value came home by this call to the Class's Controller.
    event Recalled(bytes4 indexed selector, bytes data);
    /// @notice The account settles the Units' epochs from now on.
    event SettlerAppointed(address indexed account, address indexed by);

    /// @notice Calls the Class's Controller with `data`, if that brings value into custody: a claim at an endpoint, USDC
    /// into USDS, shares of a vault into its asset, liquidity that no waiting redemption needs.
    /// @dev Steward only; the relayer's role is held for this call alone, and the Controller's limits and bounds hold.
    /// Reverts with NotSteward, NotInward, and as the Controller does.
    /// @return result The Controller's return data.
    function recall(bytes calldata data) external nonReentrant onlySteward returns (bytes memory result) {
        bytes4 selector = bytes4(data);
        if (!_isInward(selector)) revert NotInward(selector);
        AclLike acl = AclLike(_class.acl);
        acl.grantRole(Roles.ALLOCATOR, address(this));
        result = Address.functionCall(_class.controller, data);
        acl.revokeRole(Roles.ALLOCATOR, address(this));
        emit Recalled(selector, data);
    }

    /// @notice Sets `amount` asset units from custody aside in `unit` for its redeemers, who are paid at the Book's price.
    /// @dev Steward only. The Unit lets it go to redeemers and back to custody, nowhere else. Reverts with NotSteward,
    /// ForeignUnit, and the Unit's TransferMismatch.
    function fundRedemptions(address unit, uint256 amount) external nonReentrant onlySteward {
        _requireMember(unit);
        ProxyTokens.approve(_class.almProxy, UnitLike(unit).asset(), unit, amount);
        ALMProxyLike(_class.almProxy).doCall(unit, abi.encodeCall(UnitLike.depositLiquidity, (amount)));
        emit RedemptionsFunded(unit, amount);
    }

    /// @notice Takes back an allowance that custody has given to `spender`.
    /// @dev Steward only. For one that was left behind on purpose: facets leave none. Reverts with NotSteward, NoAllowance
    /// (so that nothing but an ERC-20 is called), ApproveFailed.
    function dropAllowance(address token, address spender) external nonReentrant onlySteward {
        if (IERC20(token).allowance(_class.almProxy, spender) == 0) revert NoAllowance(token, spender);
        ProxyTokens.approve(_class.almProxy, token, spender, 0);
        emit AllowanceDropped(token, spender);
    }

    /// @notice Ends a Unit's subscriptions for good and lets its redemptions be settled: from a freeze, straight into
    /// winding down.
    /// @dev Steward only, while no migration runs. Reverts with NotSteward, PlanRunning, ForeignUnit, UnitClosed.
    function openExits(address unit) external nonReentrant onlySteward {
        if (progress == Progress.RUNNING) revert PlanRunning(activePlan);
        _requireMember(unit);
        if (UnitLike(unit).state() == UnitState.CLOSED) revert UnitClosed(unit);
        _openExits(unit);
    }

    /// @notice Names who settles the Units' epochs. A settler sets no price and names no receiver.
    /// @dev Steward only; taken back by the guard's `purgeOperators`. Reverts with NotSteward, ConflictOfDuty for a
    /// conserver or an attestor.
    function setSettler(address account) external nonReentrant onlySteward {
        AclLike acl = AclLike(_class.acl);
        bool attests = ReporterLike(ReportedLike(_class.book).reporter()).isAttestor(account);
        if (attests || acl.hasRole(Roles.CONSERVER, account)) revert ConflictOfDuty(account);
        acl.grantRole(Roles.SETTLER, account);
        emit SettlerAppointed(account, msg.sender);
    }

    function _isInward(bytes4 selector) private pure returns (bool) {
        return selector == ControllerSurface.offramp_claim.selector
            || selector == ControllerSurface.offramp_sync.selector
            || selector == ControllerSurface.psm_swapUSDCToUSDS.selector
            || selector == ControllerSurface.erc4626_withdraw.selector
            || selector == ControllerSurface.erc4626_redeem.selector
            || selector == ControllerSurface.erc7540_requestRedeem.selector
            || selector == ControllerSurface.erc7540_claimRedeem.selector
            || selector == ControllerSurface.lctsHalo_defundRedemption.selector;
    }
}
